package io.lorashear.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Pattern;

/**
 * A manifest as it is published: every other file has its hash in it, and its last field is a hash
 * of itself, because figures in it are read, too.
 *
 * <pre>
 *   checksum = SHA-256 of the text with 64 zeros in the place of the checksum
 * </pre>
 */
final class ManifestText {
  static final String CHECKSUM = "checksum";

  private static final String ZEROS = "0".repeat(64);
  private static final Pattern LAST =
      Pattern.compile("\"" + CHECKSUM + "\" : \"([0-9a-f]{64})\"\n}\n\\z");

  private ManifestText() {}

  /** The text, after the field was added to {@code manifest}. */
  static String of(ObjectNode manifest) {
    manifest.remove(CHECKSUM);
    manifest.put(CHECKSUM, Sha256.of(Json.text(manifest.deepCopy().put(CHECKSUM, ZEROS))));
    return Json.text(manifest);
  }

  /**
   * Whether the text is as it was published. Manifests of earlier versions have no checksum.
   *
   * @param manifest what the text says
   */
  static boolean isWhole(String text, JsonNode manifest) {
    if (!manifest.has(CHECKSUM)) {
      return true;
    }
    var found = LAST.matcher(text);
    return found.find()
        && Sha256.of(text.substring(0, found.start(1)) + ZEROS + text.substring(found.end(1)))
            .equals(found.group(1));
  }
}
