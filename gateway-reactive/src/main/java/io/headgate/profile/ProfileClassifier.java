package io.headgate.profile;

import io.headgate.classify.Classification;
import io.headgate.classify.Classifier;
import io.headgate.http.Fields;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The classifier of a route. The first class that matches the status of a reply decides, whatever its trailers say; where none
 * matches, and for calls without a reply, the {@linkplain Classifier#standard() standard rules} hold. The classes are evaluated
 * once, when the classifier is made: a verdict takes one look at a table.
 */
public final class ProfileClassifier implements Classifier {

    private static final int FIRST = 100;
    private static final int LAST = 599;

    private final @Nullable Classification[] verdicts;

    private ProfileClassifier(List<ResponseClass> classes) {
        verdicts = new Classification[LAST - FIRST + 1];
        for (int status = FIRST; status <= LAST; status++) {
            verdicts[status - FIRST] = verdict(classes, status);
        }
    }

    private static @Nullable Classification verdict(List<ResponseClass> classes, int status) {
        for (ResponseClass one : classes) {
            if (one.condition().matches(status)) {
                return Classification.of(!one.isFailure());
            }
        }
        return null;
    }

    /**
     * The classifier of some classes.
     *
     * @param classes in order; the first that matches counts
     * @return the classifier, the standard one when there are no classes
     */
    public static Classifier of(List<ResponseClass> classes) {
        return classes.isEmpty() ? Classifier.standard() : new ProfileClassifier(classes);
    }

    @Override
    public @Nullable Classification atHead(RequestHead request, ReplyHead reply) {
        Classification own = verdicts[reply.status() - FIRST];
        return own == null ? Classifier.standard().atHead(request, reply) : own;
    }

    @Override
    public Classification atEnd(RequestHead request, ReplyHead reply, Fields trailers) {
        Classification own = verdicts[reply.status() - FIRST];
        return own == null ? Classifier.standard().atEnd(request, reply, trailers) : own;
    }
}
