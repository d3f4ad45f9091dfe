package io.headgate.tap;

/**
 * Which exchange an event is about. Together with the address of the gateway it is unique for as long as anybody may remember it:
 * the base of the first observation is random, and each further one has the next base.
 *
 * @param base the observation, an unsigned number of 32 bits
 * @param stream the exchange within the observation: 0 for the first one that it took, and always below its limit
 */
public record TapId(int base, long stream) {

    @Override
    public String toString() {
        return Integer.toUnsignedString(base) + ":" + stream;
    }
}
