package io.lorashear.sampleworld;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The subjects and facts of one seed. Values are spread evenly, so that guessing the commonest one
 * gains nothing.
 */
final class World {
  private static final int FIRST_YEAR = 102;
  private static final int YEARS = 16;

  private final Map<String, List<String>> lists = new LinkedHashMap<>();
  private final Map<Kind, List<String>> subjects = new EnumMap<>(Kind.class);
  private final List<Fact> facts = new ArrayList<>();

  World(long seed) {
    var vocabulary = Grammar.read("world");
    for (var kind : Kind.values()) {
      var drawn = shuffled(vocabulary.rules(kind.list), Seeds.of(seed, kind.list, 0));
      subjects.put(kind, List.copyOf(drawn.subList(0, kind.count)));
      lists.put(kind.list, of(kind));
    }
    for (var name :
        List.of("river", "dish", "instrument", "month", "food", "place", "day", "price")) {
      lists.put(name, vocabulary.rules(name));
    }
    lists.put("year", years(Seeds.of(seed, "year", 0)));
    lists.put("tool", vocabulary.rules("tool"));
    for (var relation : Relation.values()) {
      tie(relation, Seeds.of(seed, relation.name(), 0), vocabulary);
    }
  }

  private void tie(Relation relation, Random random, Grammar vocabulary) {
    var whom = shuffled(of(relation.subject), random);
    var values = shuffled(values(relation), random);
    for (var i = 0; i < whom.size(); i++) {
      var value =
          switch (relation) {
            case ROAD -> whom.get((i + 1) % whom.size());
            case TOOL -> values(relation).get(vocabulary.rules("trade").indexOf(whom.get(i)));
            default -> values.get(i % values.size());
          };
      facts.add(new Fact(whom.get(i), relation, value));
    }
  }

  private static List<String> years(Random random) {
    var step = 800 / YEARS;
    return IntStream.range(0, YEARS)
        .mapToObj(i -> String.valueOf(FIRST_YEAR + i * step + random.nextInt(step)))
        .toList();
  }

  private static List<String> shuffled(List<String> list, Random random) {
    var copy = new ArrayList<>(list);
    Collections.shuffle(copy, random);
    return copy;
  }

  List<String> of(Kind kind) {
    return Objects.requireNonNull(subjects.get(kind));
  }

  /** Everything a fact of this relation could say, true or not. */
  List<String> values(Relation relation) {
    return list(relation.values);
  }

  List<String> list(String name) {
    return Objects.requireNonNull(lists.get(name), name);
  }

  boolean hasList(String name) {
    return lists.containsKey(name);
  }

  List<Fact> facts() {
    return Collections.unmodifiableList(facts);
  }

  String value(String subject, Relation relation) {
    return facts.stream()
        .filter(fact -> fact.subject().equals(subject) && fact.relation() == relation)
        .findFirst()
        .orElseThrow()
        .value();
  }

  List<Fact> about(String subject) {
    return facts.stream().filter(fact -> fact.subject().equals(subject)).toList();
  }

  /** Facts about the subject, about what those name, and about whoever is tied to it. */
  List<Fact> around(String subject) {
    var named = about(subject).stream().map(Fact::value).toList();
    return facts.stream()
        .filter(fact -> named.contains(fact.subject()) || fact.value().equals(subject))
        .toList();
  }

  Kind kindOf(String subject) {
    return subjects.entrySet().stream()
        .filter(entry -> entry.getValue().contains(subject))
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  /** The subject as a sentence speaks of it: the fox, but Mara. */
  String named(String subject) {
    return switch (kindOf(subject)) {
      case ANIMAL, TRADE -> "the " + subject;
      default -> subject;
    };
  }

  /** All subjects: people first, wares last. */
  List<String> subjects() {
    return subjects.values().stream().flatMap(List::stream).toList();
  }
}
