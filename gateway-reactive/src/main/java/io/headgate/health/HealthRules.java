package io.headgate.health;

/**
 * When an endpoint is used.
 *
 * @param rise successes in a row that make an endpoint well that was not
 * @param fall failures in a row that make one unwell that was well
 * @param checkedFirst whether an endpoint is used only after its first check has succeeded, which then decides alone
 * @param panic the share of endpoints that must be well; with fewer, all that were checked are used
 */
record HealthRules(int rise, int fall, boolean checkedFirst, double panic) {}
