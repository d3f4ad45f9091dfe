/**
 * Service profiles: what the owner of a service says about its routes, as data that arrives while the gateway runs. Start at
 * {@link io.headgate.profile.Profile}; a {@link io.headgate.profile.ProfileSource} streams them, and
 * {@link io.headgate.profile.ProfileRouting} makes services that follow them. {@link io.headgate.profile.TrafficSplit} is of use without
 * profiles, too.
 */
@NullMarked
package io.headgate.profile;

import org.jspecify.annotations.NullMarked;
