package io.lorashear.optim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** How many groups each period chose, and how many of them the half-space rule zeroed early. */
public final class LhspgReport {
  private final List<Integer> chosen = new ArrayList<>();
  private final List<Integer> early = new ArrayList<>();

  void begin(int groups) {
    chosen.add(groups);
    early.add(0);
  }

  void arrived(int groups, boolean beforeDeadline) {
    if (beforeDeadline) {
      early.set(early.size() - 1, early.get(early.size() - 1) + groups);
    }
  }

  /** Groups chosen in each period so far. */
  public List<Integer> chosen() {
    return List.copyOf(chosen);
  }

  /** Of these, how many the half-space rule zeroed before their deadline. */
  public List<Integer> leftEarly() {
    return List.copyOf(early);
  }

  /** As JSON. */
  public ObjectNode toJson() {
    var json = JsonNodeFactory.instance.objectNode();
    chosen.forEach(json.putArray("groupsChosen")::add);
    early.forEach(json.putArray("leftByHalfSpace")::add);
    return json;
  }

  void restore(JsonNode json) {
    chosen.clear();
    early.clear();
    json.path("groupsChosen").forEach(count -> chosen.add(count.asInt()));
    json.path("leftByHalfSpace").forEach(count -> early.add(count.asInt()));
  }
}
