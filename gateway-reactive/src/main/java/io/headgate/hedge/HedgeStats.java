package io.headgate.hedge;

/**
 * What a hedging stage has done.
 *
 * @param hedges attempts that were made beside another one
 * @param won those whose reply the client got
 * @param noBudget those that were not made because the budget was used up
 */
public record HedgeStats(long hedges, long won, long noBudget) {}
