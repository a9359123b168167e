package io.lorashear.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The smallest archive {@code torch.jit.load} accepts: a zip of four stored entries.
 *
 * <pre>
 *   m/version            "10\n": the operators as PyTorch 2 knows them
 *   m/constants.pkl      an empty tuple
 *   m/data.pkl           an instance of __torch__.M with the state {'training': True}
 *   m/code/__torch__.py  class M(Module): the methods
 * </pre>
 */
final class TorchScriptArchive {
  /** Pickle, protocol 2: {@code ()}. */
  private static final String EMPTY_TUPLE = "8002292e";

  /** Pickle, protocol 2: {@code __torch__.M()} with state {@code {'training': True}}. */
  private static final String INSTANCE =
      "8002" // protocol 2
          + "635f5f746f7263685f5f0a4d0a" // global __torch__ M
          + "7100" // memo 0
          + "2981" // empty tuple, new object
          + "7d7101" // empty dict, memo 1
          + "5808000000747261696e696e67" // 'training'
          + "7102" // memo 2
          + "8873622e"; // True, set item, build, stop

  private static final String HEAD =
      """
      class M(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
      """;

  private TorchScriptArchive() {}

  /**
   * The archive's bytes.
   *
   * @param methods the text of the methods of class M, each line indented by at least two spaces
   */
  static byte[] of(String methods) {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      store(zip, "m/data.pkl", HexFormat.of().parseHex(INSTANCE));
      store(zip, "m/code/__torch__.py", (HEAD + methods).getBytes(StandardCharsets.UTF_8));
      store(zip, "m/constants.pkl", HexFormat.of().parseHex(EMPTY_TUPLE));
      store(zip, "m/version", "10\n".getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    var checksum = new CRC32();
    checksum.update(content);
    var entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(checksum.getValue());
    entry.setTime(0);
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
