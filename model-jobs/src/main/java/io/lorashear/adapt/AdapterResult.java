package io.lorashear.adapt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.rank.RankEvent;
import io.lorashear.recover.RecoverSettings.Kind;
import io.lorashear.recover.Validation;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/**
 * Result of training an adapter.
 *
 * @param validations the held-out losses in the order of steps; the first ones are those of the
 *     model without the adapter
 * @param best held-out losses of the pairs that were kept
 * @param tokens trained on
 * @param events when components were removed
 * @param ranks rank of each pair, by module
 */
public record AdapterResult(
    Kind stage,
    List<Validation> validations,
    Validation best,
    long steps,
    long tokens,
    List<RankEvent> events,
    Map<String, Integer> ranks) {

  /** Held-out losses of the model without the adapter. */
  public Validation before() {
    return validations.get(0);
  }

  /** As JSON. */
  ObjectNode toJson() {
    var json = JsonFile.object().put("stage", stage.toString().toLowerCase(Locale.ROOT));
    json.put("steps", steps).put("tokens", tokens);
    json.set("best", best.toJson());
    var all = json.putArray("validations");
    validations.forEach(validation -> all.add(validation.toJson()));
    var went = json.putArray("pruned");
    events.forEach(event -> went.add(event.toJson()));
    var modules = json.putObject("ranks");
    ranks.forEach(modules::put);
    return json;
  }

  /** The reverse of {@link #toJson}. */
  public static AdapterResult fromJson(JsonNode json) {
    var ranks = new TreeMap<String, Integer>();
    json.path("ranks").properties().forEach(of -> ranks.put(of.getKey(), of.getValue().asInt()));
    return new AdapterResult(
        Kind.valueOf(json.path("stage").asText().toUpperCase(Locale.ROOT)),
        each(json.path("validations"), Validation::fromJson),
        Validation.fromJson(json.path("best")),
        json.path("steps").asLong(),
        json.path("tokens").asLong(),
        each(json.path("pruned"), RankEvent::fromJson),
        ranks);
  }

  private static <T> List<T> each(JsonNode array, Function<JsonNode, T> reader) {
    return StreamSupport.stream(array.spliterator(), false).map(reader).toList();
  }
}
