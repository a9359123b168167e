package io.lorashear.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.lorashear.InputException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The rotary positions in config.json: {@code rope_parameters}, in files written since transformers
 * 5, or {@code rope_scaling} in earlier ones; one object for all layers or one for each type of
 * layer. No kind is guessed, no required value is made up, and no given value is ignored.
 *
 * @param fields the object for these layers; a missing node if there is none
 * @param around the enclosing object; {@code fields} itself if it is for all layers
 * @param place path of {@code fields}, for messages
 */
public record RotaryParameters(ModelConfig config, JsonNode fields, JsonNode around, String place) {
  /** Layers that attend to all positions. */
  public static final String FULL = "full_attention";

  /** Layers with a sliding window. */
  public static final String SLIDING = "sliding_attention";

  /** The field of {@link #length()}. */
  public static final String LENGTH = "original_max_position_embeddings";

  private static final String SHARE = "partial_rotary_factor";

  static final List<String> KINDS = List.of("rope_type", "type");
  private static final Set<String> ALWAYS =
      Set.of("partial_rotary_factor", "rope_theta", "rope_type", "type");

  /** The fields that each kind reads. */
  private static final Map<String, Set<String>> READ =
      new TreeMap<>(
          Map.of(
              "default", Set.of(LENGTH), // without effect
              "linear", Set.of("factor", LENGTH), // the length without effect
              "dynamic", Set.of("factor", LENGTH),
              "llama3", Set.of("factor", "low_freq_factor", "high_freq_factor", LENGTH),
              "longrope",
                  Set.of("long_factor", "short_factor", "attention_factor", "factor", LENGTH),
              "yarn", Yarn.READ));

  /** The parameters for layers of one type, {@link #FULL} or {@link #SLIDING}. */
  public static RotaryParameters of(ModelConfig config, String layers) {
    var place = object(config, "rope_parameters").isObject() ? "rope_parameters" : "rope_scaling";
    var around = around(config);
    boolean byType = byType(config);
    var parameters =
        byType
            ? new RotaryParameters(config, around.path(layers), around, place + "." + layers)
            : new RotaryParameters(config, around, around, place);
    parameters.check(byType);
    return parameters;
  }

  /** Whether they are given for each type of layer. */
  static boolean byType(ModelConfig config) {
    return around(config).has(FULL) || around(config).has(SLIDING);
  }

  private static JsonNode around(ModelConfig config) {
    var now = object(config, "rope_parameters");
    var before = object(config, "rope_scaling");
    if (now.isObject() && before.isObject() && !RotaryWords.agree(now, before)) {
      throw new InputException(
          "%s: rope_parameters and rope_scaling differ: keep the one that holds", config.where());
    }
    return now.isObject() ? now : before;
  }

  /** A field that is an object, or nothing. */
  private static JsonNode object(ModelConfig config, String field) {
    var value = config.fields().path(field);
    if (value.isNull()) {
      return MissingNode.getInstance();
    }
    if (!value.isMissingNode() && !value.isObject()) {
      throw new InputException(
          "%s: %s is %s: give an object, or leave it out", config.where(), field, value);
    }
    return value;
  }

  private void check(boolean byType) {
    if (byType && !fields.isObject()) {
      throw new InputException(
          "%s: %s is %s: give an object, since other layers have one of their own",
          config.where(), place, fields.isMissingNode() ? "missing" : fields);
    }
    if (byType) {
      checkAround();
    }
    var read = READ.get(kind());
    if (read == null) {
      throw new InputException(
          "%s: %s is of type %s: known are %s",
          config.where(), place, kind(), String.join(", ", READ.keySet()));
    }
    for (var field : fields.properties()) {
      if (!field.getValue().isNull()
          && !read.contains(field.getKey())
          && !ALWAYS.contains(field.getKey())
          && !config.known().turnsByOwn(field.getKey())
          && !field.getValue().equals(config.fields().get(field.getKey()))) {
        throw new InputException(
            "%s: %s has the field %s, which is not known of the type %s and could change the"
                + " result",
            config.where(), place, field.getKey(), kind());
      }
    }
  }

  /** The first files of transformers 5 have plain fields beside the objects for types of layer. */
  private void checkAround() {
    for (var field : around.properties()) {
      var value = field.getValue();
      boolean plain =
          field.getKey().equals("rope_theta")
              || field.getKey().equals("partial_rotary_factor")
              || KINDS.contains(field.getKey()) && value.asText().equals("default");
      if (!value.isObject() && !value.isNull() && !plain) {
        throw new InputException(
            "%s: %s.%s is %s beside objects for types of layers: put it into those it is for",
            config.where(), place.substring(0, place.indexOf('.')), field.getKey(), value);
      }
    }
  }

  /** The kind of scaling; "default" if there is none. */
  public String kind() {
    var kinds = kinds(fields).distinct().toList();
    if (kinds.size() > 1) {
      var named = KINDS.stream().map(fields::path).map(JsonNode::asText).toList();
      throw new InputException(
          "%s: %s has the rope_type %s and the type %s: keep the one that holds",
          config.where(), place, named.get(0), named.get(1));
    }
    return kinds.isEmpty() ? "default" : kinds.get(0);
  }

  /** The kind that an object names, the first if it names two. */
  static String kind(JsonNode fields) {
    return kinds(fields).findFirst().orElse("default");
  }

  /** Phi-3's first files call the kind with lists of factors su, and some call it yarn. */
  private static Stream<String> kinds(JsonNode fields) {
    boolean listed = fields.hasNonNull("short_factor");
    return KINDS.stream()
        .map(fields::path)
        .filter(JsonNode::isTextual)
        .map(JsonNode::asText)
        .map(kind -> kind.equals("su") || listed && kind.equals("yarn") ? "longrope" : kind);
  }

  /** Whether the field has a value. */
  public boolean has(String field) {
    return fields.hasNonNull(field);
  }

  /** A positive number, which is required. */
  public double number(String field) {
    return positive(field, fields.path(field));
  }

  /** A positive number, with a default. */
  public double number(String field, double otherwise) {
    return has(field) ? number(field) : otherwise;
  }

  private double positive(String field, JsonNode value) {
    if (!value.isNumber() || !(value.asDouble() > 0) || Double.isInfinite(value.asDouble())) {
      throw new InputException(
          "%s: %s.%s is %s: a rotary type of %s needs a positive number there",
          config.where(), place, field, value.isMissingNode() ? "missing" : value, kind());
    }
    return value.asDouble();
  }

  /** A boolean, with a default. */
  public boolean flag(String field, boolean otherwise) {
    if (has(field) && !fields.path(field).isBoolean()) {
      throw new InputException(
          "%s: %s.%s is %s: give true or false", config.where(), place, field, fields.path(field));
    }
    return fields.path(field).asBoolean(otherwise);
  }

  /** A list of {@code count} positive numbers, which is required. */
  public List<Double> numbers(String field, int count) {
    var values = fields.path(field);
    var numbers =
        IntStream.range(0, values.isArray() ? values.size() : 0)
            .mapToObj(values::path)
            .filter(value -> value.isNumber() && value.asDouble() > 0)
            .map(JsonNode::asDouble)
            .toList();
    if (numbers.size() != values.size() || numbers.size() != count) {
      throw new InputException(
          "%s: %s.%s is %s: give %d positive numbers, one for each pair that turns",
          config.where(), place, field, values.isMissingNode() ? "missing" : values, count);
    }
    return numbers;
  }

  /** θ. */
  public double theta() {
    double theta = own("rope_theta");
    if (!(theta > 0)) {
      throw new InputException(
          "%s: rope_theta is %s: give a positive number", config.where(), theta);
    }
    return theta;
  }

  /** d: the share {@code partial_rotary_factor} of a head's features; all if it is unknown. */
  public int turned() {
    int d = (int) (config.headDimension() * share());
    if (d < 2 || d % 2 != 0 || d > config.headDimension()) {
      throw new InputException(
          "%s: %s is %s: of the %d numbers of a head it must leave an even count to turn",
          config.where(), SHARE, share(), config.headDimension());
    }
    return d;
  }

  /** The share of a head's features that is rotated. */
  double share() {
    return around.hasNonNull(SHARE) || has(SHARE) || config.has(SHARE) ? own(SHARE) : 1;
  }

  /** A number that newer files have among the scaling's fields and older ones beside them. */
  private double own(String field) {
    if (has(field)) {
      return number(field);
    }
    return around.hasNonNull(field) ? positive(field, around.get(field)) : config.number(field);
  }

  /** L: number of tokens of the texts it was first trained on; all its positions by default. */
  public int length() {
    int length = has(LENGTH) ? (int) number(LENGTH) : config.size(LENGTH, config.statedPositions());
    boolean beside = config.known().has(LENGTH);
    if (length < 1 || beside && length != config.size(LENGTH, length)) {
      throw new InputException(
          "%s: %s.%s is %s, but the model's own is %d: keep the one that holds",
          config.where(), place, LENGTH, fields.path(LENGTH), config.size(LENGTH, length));
    }
    return length;
  }

  /** The factor on cosines and sines. */
  public double magnitude() {
    return new RotaryFrequencies(this).table().magnitude();
  }

  /** How many times longer texts became: as given, or all positions / {@link #length()}. */
  public double factor() {
    return has("factor") || !fields.has(LENGTH) && !config.known().has(LENGTH)
        ? number("factor")
        : (double) config.statedPositions() / length();
  }
}
