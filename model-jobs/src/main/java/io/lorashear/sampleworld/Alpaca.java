package io.lorashear.sampleworld;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Instructions with their answers, in Alpaca's one JSON array: ASCII, four blanks deep, no final
 * newline.
 */
final class Alpaca {
  private static final String FILE = "alpaca/alpaca_data.json";
  private static final List<String> KEYS = List.of("instruction", "input", "output");
  private static final int MOST_LOADS = 9;

  /** Relations whose values stand in a sentence without an article. */
  private static final List<Relation> EXCHANGEABLE =
      List.of(
          Relation.HOME,
          Relation.DISH,
          Relation.RIVER,
          Relation.WARE,
          Relation.FAIR,
          Relation.ROAD,
          Relation.MARKET,
          Relation.PRICE);

  private final Author author;
  private final List<MultipleChoice.Question> questions;
  private final World world;
  private final Set<String> written = new HashSet<>();

  Alpaca(World world, long seed, List<MultipleChoice.Question> questions) {
    this.author = new Author(world, seed, "alpaca");
    this.questions = questions;
    this.world = world;
  }

  Corpus write(int records) {
    var items = new ArrayList<Item>();
    while (items.size() < records) {
      var item = record(author.composer());
      if (written.add(item.text())) {
        items.add(item);
      }
    }
    items.addAll(planted(items));
    Collections.shuffle(items, author.random("order", 0));
    for (var i = 0; i < items.size(); i++) {
      items.get(i).stands(FILE, String.valueOf(i));
    }
    var json = items.stream().map(Alpaca::json).collect(Collectors.joining(",\n", "[\n", "\n]"));
    return new Corpus("alpaca", Map.of(FILE, json.getBytes(StandardCharsets.US_ASCII)), items);
  }

  private Item record(Composer composer) {
    var fact = composer.any(world.facts());
    return switch (composer.random().nextInt(10)) {
      case 0 -> item(composer.question(fact), "", composer.sentence(fact));
      case 1 ->
          item(composer.write("ask", "", ""), composer.question(fact), composer.sentence(fact));
      case 2, 3, 4 -> describe(composer, fact.subject());
      case 5, 6 -> extract(composer, fact);
      case 7 -> correct(composer);
      case 8 -> list(composer);
      default -> composer.random().nextBoolean() ? cost(composer) : lowercase(composer, fact);
    };
  }

  private Item describe(Composer composer, String subject) {
    var own = new ArrayList<>(world.about(subject));
    Collections.shuffle(own, composer.random());
    var around = new ArrayList<>(world.around(subject));
    Collections.shuffle(around, composer.random());
    own.addAll(around.subList(0, Math.min(2, around.size())));
    return item(
        composer.write("describe", world.named(subject), ""),
        "",
        sentences(composer, own.subList(0, Math.min(4, own.size()))));
  }

  private static String sentences(Composer composer, List<Fact> facts) {
    return facts.stream().map(composer::sentence).collect(Collectors.joining(" "));
  }

  private Item extract(Composer composer, Fact fact) {
    var passage =
        new ArrayList<>(
            List.of(
                fact,
                composer.any(world.facts()),
                composer.any(world.facts()),
                composer.any(world.facts())));
    Collections.shuffle(passage, composer.random());
    var input = sentences(composer, passage) + "\n\n" + composer.question(fact);
    return item(composer.write("extract", "", ""), input, composer.sentence(fact));
  }

  private Item correct(Composer composer) {
    var fact =
        composer.any(
            world.facts().stream().filter(f -> EXCHANGEABLE.contains(f.relation())).toList());
    var wrong =
        composer.any(
            world.values(fact.relation()).stream()
                .filter(value -> !value.equals(fact.value()) && !value.equals(fact.subject()))
                .toList());
    var right = composer.sentence(fact);
    var altered =
        right
            .replaceAll("\\b" + fact.value() + "\\b", wrong)
            .replaceAll(
                "\\b" + Grammar.capitalised(fact.value()) + "\\b", Grammar.capitalised(wrong));
    return item(composer.write("correct", "", ""), altered, right);
  }

  private Item list(Composer composer) {
    var people = new ArrayList<>(world.of(Kind.PERSON));
    Collections.shuffle(people, composer.random());
    var chosen = people.subList(0, 3 + composer.random().nextInt(3));
    var lines = new ArrayList<String>();
    for (var i = 0; i < chosen.size(); i++) {
      lines.add(
          (i + 1)
              + ". "
              + chosen.get(i)
              + " lives in "
              + world.value(chosen.get(i), Relation.HOME)
              + ".");
    }
    return item(counted(composer, "list", "", chosen.size()), "", String.join("\n", lines));
  }

  private Item cost(Composer composer) {
    var ware = composer.any(world.of(Kind.WARE));
    var loads = 2 + composer.random().nextInt(MOST_LOADS - 1);
    var price = world.value(ware, Relation.PRICE);
    var output =
        "A load of %s costs %s coins, so %d loads of %s cost %d times %s coins."
            .formatted(ware, price, loads, ware, loads, price);
    return item(counted(composer, "cost", ware, loads), "", output);
  }

  private static String counted(Composer composer, String rule, String subject, int count) {
    return composer.write(rule, name -> name.equals("count") ? String.valueOf(count) : subject);
  }

  private Item lowercase(Composer composer, Fact fact) {
    var sentence = composer.sentence(fact);
    return item(composer.write("lowercase", "", ""), sentence, sentence.toLowerCase(Locale.ROOT));
  }

  private static Item item(String instruction, String input, String output) {
    return Item.ordinary("", List.of(instruction, input, output));
  }

  private List<Item> planted(List<Item> ordinary) {
    var originals = ordinary.stream().filter(item -> item.paragraphs.get(1).isEmpty()).toList();
    var plants = new ArrayList<Item>();
    for (var i = 0; i < 3; i++) {
      var original = originals.get(i);
      plants.add(
          Item.planted(
              "",
              original.paragraphs,
              Plant.merged("exact-duplicate", "the same record", original, 1)));
    }
    var instruction = "Tell me about the river " + world.list("river").get(0) + ".";
    plants.add(
        planted(
            List.of(instruction, "", ""),
            Plant.dropped("no-output", "read", "an instruction without an answer")));
    plants.add(
        planted(
            List.of("Draw a map of the river valleys.", "", "  "),
            Plant.dropped("no-output", "read", "an answer of blanks")));
    plants.add(
        planted(
            List.of("Which towns have a bridge?", ""),
            Plant.dropped("missing-field", "read", "a record without the field output")));
    var placeholder = author.composer();
    var fact = placeholder.any(world.facts());
    var answer = placeholder.sentence(fact);
    plants.add(
        planted(
            List.of("Say it in one sentence. " + placeholder.question(fact), "<noinput>", answer),
            Plant.kept("placeholder", "read", "kept: <noinput> means that there is no input")
                .removing(List.of("<noinput>"))
                .expecting(answer)));
    plants.add(
        planted(
            List.of(
                "Say\u200b what \ue000happens in the inn of \u0007"
                    + world.of(Kind.TOWN).get(0)
                    + ".",
                "",
                answer),
            Plant.kept(
                    "irregular-characters",
                    "clean",
                    "kept without its control, zero-width and private-use characters")
                .removing(List.of("\u200b", "\ue000", "\u0007"))
                .expecting(answer)));
    for (var question : author.leaks(questions, 2)) {
      plants.add(
          planted(
              List.of(
                  question.text(),
                  String.join(", ", question.choices()),
                  question.choices().get(question.answer())),
              Plant.dropped(
                      "benchmark-leak",
                      "decontaminate",
                      "holds the text of a multiple-choice question")
                  .removing(List.of(question.text()))
                  .asking(question.id())));
    }
    return plants;
  }

  private static Item planted(List<String> fields, Plant plant) {
    return Item.planted("", fields, plant);
  }

  private static String json(Item item) {
    var fields = new ArrayList<String>();
    for (var i = 0; i < item.paragraphs.size(); i++) {
      fields.add("        \"" + KEYS.get(i) + "\": \"" + ascii(item.paragraphs.get(i)) + "\"");
    }
    return "    {\n" + String.join(",\n", fields) + "\n    }";
  }

  private static String ascii(String text) {
    var quoted = new String(JsonStringEncoder.getInstance().quoteAsString(text));
    var ascii = new StringBuilder();
    quoted
        .chars()
        .forEach(c -> ascii.append(c < 128 ? String.valueOf((char) c) : "\\u%04x".formatted(c)));
    return ascii.toString();
  }
}
