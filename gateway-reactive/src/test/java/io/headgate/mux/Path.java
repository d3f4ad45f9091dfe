package io.headgate.mux;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;

/** How bodies pass the service: handed on as they are, or through an operator that makes ordinary Fluxes of them. */
enum Path {
    FUSED {
        @Override
        Service<HttpExchange, HttpReply> through(Service<HttpExchange, HttpReply> next) {
            return next;
        }
    },
    UNFUSED {
        @Override
        Service<HttpExchange, HttpReply> through(Service<HttpExchange, HttpReply> next) {
            return exchange -> next.call(exchange.withBody(mapped(exchange.body())))
                    .map(reply -> reply.withBody(mapped(reply.body())));
        }
    };

    abstract Service<HttpExchange, HttpReply> through(Service<HttpExchange, HttpReply> next);

    private static Body mapped(Body body) {
        return body.isEmpty() ? body : body.via(flux -> flux.map(buffer -> buffer));
    }
}
