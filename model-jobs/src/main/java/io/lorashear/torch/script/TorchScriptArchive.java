package io.lorashear.torch.script;

import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The smallest archive {@code torch.jit.load} accepts: a zip of stored entries.
 *
 * <pre>
 *   m/version            "10\n": the operator version of PyTorch 2
 *   m/constants.pkl      an empty tuple
 *   m/data.pkl           an instance of __torch__.M with its state
 *   m/data/0, 1, …       the bytes of its tensors, if it has any
 *   m/code/__torch__.py  class M(Module): the methods
 * </pre>
 */
public final class TorchScriptArchive {
  private static final int PIECE = 1 << 24;

  /** Pickle, protocol 2: {@code ()}. */
  private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

  private static final String HEAD =
      """
      class M(Module):
        __parameters__ = []
        __buffers__ = [NAMES]
        training : bool
      """;

  /** Bytes that can be written more than once. */
  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private TorchScriptArchive() {}

  /**
   * The bytes of an archive without tensors.
   *
   * @param methods the text of the methods of class M, each line indented by at least two spaces
   */
  public static byte[] of(String methods) {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      write(zip, methods, Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * Writes an archive with tensors, in pieces of 16 MiB.
   *
   * @param attributes names of the tensors of {@code source}, by the attribute of M that holds each
   */
  public static void write(
      OutputStream out, String methods, Map<String, TensorInfo> attributes, TensorSource source)
      throws IOException {
    try (var zip = new ZipOutputStream(out)) {
      int key = 0;
      for (var tensor : attributes.values()) {
        store(zip, "m/data/" + key++, tensor.bytes(), bytes -> copy(source, tensor, bytes));
      }
      write(zip, methods, attributes);
    }
  }

  private static void write(ZipOutputStream zip, String methods, Map<String, TensorInfo> attributes)
      throws IOException {
    var names =
        attributes.keySet().stream().map("\"%s\", "::formatted).collect(Collectors.joining());
    var code = new StringBuilder(HEAD.replace("NAMES", names));
    attributes.keySet().forEach(name -> code.append("  ").append(name).append(" : Tensor\n"));
    store(zip, "m/data.pkl", ModulePickle.of(attributes));
    store(zip, "m/code/__torch__.py", code.append(methods).toString());
    store(zip, "m/constants.pkl", EMPTY_TUPLE);
    store(zip, "m/version", "10\n");
  }

  private static void copy(TensorSource source, TensorInfo tensor, OutputStream out)
      throws IOException {
    var piece = ByteBuffer.allocate((int) Math.min(PIECE, tensor.bytes()));
    for (long done = 0; done < tensor.bytes(); done += piece.limit()) {
      piece.clear().limit((int) Math.min(PIECE, tensor.bytes() - done));
      source.read(tensor.name(), done, piece);
      out.write(piece.array(), 0, piece.limit());
    }
  }

  private static void store(ZipOutputStream zip, String name, String text) throws IOException {
    store(zip, name, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    store(zip, name, bytes.length, out -> out.write(bytes));
  }

  /** A stored entry has its checksum in front, so its content is produced twice. */
  private static void store(ZipOutputStream zip, String name, long size, Content content)
      throws IOException {
    var checksum = new CRC32();
    content.writeTo(new CheckedOutputStream(OutputStream.nullOutputStream(), checksum));
    var entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(size);
    entry.setCrc(checksum.getValue());
    entry.setTime(0);
    zip.putNextEntry(entry);
    content.writeTo(zip);
    zip.closeEntry();
  }
}
