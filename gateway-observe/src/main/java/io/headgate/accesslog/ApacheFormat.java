package io.headgate.accesslog;

import io.headgate.http.ExchangeRecord;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import java.time.ZoneId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The Common Log Format, and with referer and user agent the Combined one. */
record ApacheFormat(ZoneId zone, boolean isCombined) implements AccessFormat {

    ApacheFormat {
        Objects.requireNonNull(zone, "zone");
    }

    @Override
    public void format(ExchangeRecord exchange, StringBuilder line) {
        String forwarded = Facts.forwardedClient(exchange);
        word(forwarded == null ? Facts.peer(exchange) : forwarded, line);
        line.append(" - - ");
        Times.common(exchange.startMillis(), zone, line);
        line.append(" \"");
        request(exchange, line);
        line.append("\" ");
        ReplyHead reply = exchange.reply();
        if (reply == null) {
            line.append('-');
        } else {
            line.append(reply.status());
        }
        line.append(' ');
        if (exchange.replyBytes() == 0) {
            line.append('-');
        } else {
            line.append(exchange.replyBytes());
        }
        if (isCombined) {
            quoted(Facts.field(exchange, "referer"), line);
            quoted(Facts.field(exchange, "user-agent"), line);
        }
    }

    private static void request(ExchangeRecord exchange, StringBuilder line) {
        RequestHead head = exchange.exchange().head();
        Characters.apache(head.method(), line);
        line.append(' ');
        Characters.apache(head.target(), line);
        line.append(' ').append(Facts.protocol(exchange.exchange().connection().version()));
    }

    private static void word(@Nullable CharSequence value, StringBuilder line) {
        if (value == null) {
            line.append('-');
        } else {
            Characters.apache(value, line);
        }
    }

    private static void quoted(@Nullable CharSequence value, StringBuilder line) {
        line.append(" \"");
        word(value, line);
        line.append('"');
    }
}
