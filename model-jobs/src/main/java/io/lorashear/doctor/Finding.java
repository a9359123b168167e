package io.lorashear.doctor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import java.util.Locale;
import java.util.Map;

/**
 * One thing looked at.
 *
 * @param what a word: java, gpu, disk
 * @param text what was found, one line
 * @param remedy what to do, one line; empty where nothing is needed
 * @param facts the same as text, numbers and truth values, for programs; bytes are named so
 */
public record Finding(
    String what, State state, String text, String remedy, Map<String, Object> facts) {

  /** How it is. */
  public enum State {
    OK,
    /** Work is slower, or not on a GPU, or may end early. */
    LACK,
    /** Nothing runs. */
    BROKEN
  }

  static Finding ok(String what, String text, Map<String, Object> facts) {
    return new Finding(what, State.OK, text, "", facts);
  }

  static Finding lack(String what, String text, String remedy, Map<String, Object> facts) {
    return new Finding(what, State.LACK, text, remedy, facts);
  }

  static Finding broken(String what, String text, String remedy) {
    return new Finding(what, State.BROKEN, text, remedy, Map.of());
  }

  /** For people: the remedy stands in a line of its own, below. */
  public String lines() {
    var first = "%-10s %-7s %s".formatted(what, word(), text);
    return remedy.isEmpty() ? first : first + "\n%-18s to do: %s".formatted("", remedy);
  }

  /** For programs. */
  public ObjectNode toJson() {
    var json = JsonFile.object().put("what", what).put("state", word()).put("text", text);
    json.put("remedy", remedy);
    var node = json.putObject("facts");
    facts.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(fact -> node.putPOJO(fact.getKey(), fact.getValue()));
    return json;
  }

  private String word() {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
