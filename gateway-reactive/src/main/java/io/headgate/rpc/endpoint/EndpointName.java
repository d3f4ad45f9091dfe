package io.headgate.rpc.endpoint;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Another name than that of the Java code. The name of an endpoint is the name of the interface, a slash and the name of the
 * method; without the annotation those are {@code Files/list} for the method {@code list} of the interface {@code Files}.
 *
 * <p>The empty name on an interface leaves it and the slash out, so that its endpoints are called by the bare name of the
 * method, as those of the wire of 2017 are.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface EndpointName {

    /**
     * The name.
     *
     * @return what stands for the interface, possibly empty, or for the method
     */
    String value();
}
