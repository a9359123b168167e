package io.lorashear.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;

/** One file in a manifest. The name is relative, with forward slashes; the size is in bytes. */
public record FileEntry(String name, long size, String sha256) {

  void addTo(ArrayNode files) {
    files.addObject().put("name", name).put("size", size).put("sha256", sha256);
  }

  static FileEntry of(JsonNode node) {
    return new FileEntry(
        node.path("name").asText(), node.path("size").asLong(-1), node.path("sha256").asText());
  }
}
