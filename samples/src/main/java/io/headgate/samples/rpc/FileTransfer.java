package io.headgate.samples.rpc;

import io.headgate.Service;
import io.headgate.http.Fields;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.endpoint.RpcClients;
import io.headgate.rpc.endpoint.RpcContext;
import io.headgate.rpc.stream.OctetFiles;
import io.headgate.rpc.stream.SeekableBody;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;

/** Files to and from a {@link FileService}, with a bar that shows how far they are. */
public final class FileTransfer {

    private static final String UPLOAD = "resume-upload";

    private final FileService files;

    /**
     * Transfers.
     *
     * @param server what is called; resumes streams, if that is wanted
     */
    public FileTransfer(Service<RpcRequest, RpcReply> server) {
        this.files = RpcClients.create().client(FileService.class, server);
    }

    /**
     * Tells whether a file can be received there.
     *
     * @param local where to
     * @return the same
     * @throws IllegalArgumentException when it is no place for a file
     */
    public static Path place(Path local) {
        WholeFile.check("local", local);
        return local;
    }

    /**
     * Receives a file; blocks. It appears when it is whole; of one that fails nothing is left, because nothing says later of
     * which content it was.
     *
     * @param remote where from
     * @param local where to
     * @param bar shows it
     * @return how many bytes it has
     */
    public long get(String remote, Path local, ProgressBar bar) {
        long size = Objects.requireNonNull(files.stat(remote).block()).size();
        return Objects.requireNonNull(WholeFile.write(local, bar.of(remote, 0, size, files.read(remote)))
                .block());
    }

    /**
     * Sends a file; blocks.
     *
     * @param local where from
     * @param remote where to
     * @param bar shows it
     * @return the file as the server has it
     */
    public FileEntry put(Path local, String remote, ProgressBar bar) {
        SeekableBody file =
                Objects.requireNonNull(OctetFiles.DEFAULTS.find(local).block());
        SeekableBody shown = SeekableBody.of(
                file.validator(), file.length(), offset -> bar.of(remote, offset, file.length(), file.from(offset)));
        files.stat("")
                .block(); // a server that is not there is told of at once; an upload would take it for a loss, and wait
        RpcContext context = RpcContext.EMPTY.withFields(Fields.of(UPLOAD, name(remote, file.validator())));
        return Objects.requireNonNull(files.write(remote, shown, context).block());
    }

    /** The same for the same content to the same place, so that a second attempt goes on with what the first one began. */
    private static String name(String remote, String validator) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((remote + '\n' + validator).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("digest: SHA-256 is missing (expected: what every JDK has)", e);
        }
    }
}
