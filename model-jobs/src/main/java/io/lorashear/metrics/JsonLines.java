package io.lorashear.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A file with a JSON object on each line. Lines are appended and passed to the operating system one
 * by one, so that a killed process loses at most the end of its last line.
 */
final class JsonLines implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * The content of a file.
   *
   * @param lines objects, in the order of the file
   * @param cut number of lines that are not JSON, because a killed process cut them off
   * @param open whether the last line has no line end: it was cut off, or is being written
   */
  record Content(List<ObjectNode> lines, int cut, boolean open) {}

  private final FileChannel channel;

  private JsonLines(FileChannel channel) {
    this.channel = channel;
  }

  /** Opens a file for appending; ends its last line first if that has no line end. */
  static JsonLines append(Path file) throws IOException {
    Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent()));
    boolean open = Files.exists(file) && read(file).open();
    var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    var lines = new JsonLines(channel);
    if (open) {
      lines.write("\n");
    }
    return lines;
  }

  /** Reads the whole file. */
  static Content read(Path file) throws IOException {
    var text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    var lines = new ArrayList<ObjectNode>();
    int end = text.lastIndexOf('\n') + 1;
    int cut = 0;
    for (var line : text.substring(0, end).lines().toList()) {
      if (parsed(line) instanceof ObjectNode object) {
        lines.add(object);
      } else {
        cut++;
      }
    }
    return new Content(lines, cut, end < text.length());
  }

  private static JsonNode parsed(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return JSON.missingNode();
    }
  }

  void write(ObjectNode line) throws IOException {
    write(line + "\n");
  }

  private void write(String text) throws IOException {
    var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
