package io.lorashear.sampleworld;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.UnaryOperator;

/** Writes sentences and paragraphs in the manner of one source, about the facts of one world. */
final class Composer {
  /** More words than 64 tokens can hold under any tokenizer: a token never spans two words. */
  static final int FEWEST_WORDS = 80;

  private static final int MORE_WORDS = 50;
  private static final double SHARE_OF_FACTS = 0.6;
  private static final double SHARE_ABOUT_SUBJECT = 0.6;

  private final World world;
  private final Grammar grammar;
  private final Random random;

  Composer(World world, Grammar grammar, Random random) {
    this.world = world;
    this.grammar = grammar;
    this.random = random;
  }

  /**
   * {@code count} paragraphs: the first about the subject, the others also about what it is tied
   * to.
   */
  List<String> paragraphs(String subject, int count) {
    var paragraphs = new ArrayList<String>();
    var ties = world.around(subject);
    for (var i = 0; i < count; i++) {
      var turn = i % 2 == 0 || ties.isEmpty() ? subject : any(ties).subject();
      paragraphs.add(paragraph(turn));
    }
    return paragraphs;
  }

  /** At least {@link #FEWEST_WORDS} words on one line, about the subject and its ties. */
  String paragraph(String subject) {
    return String.join(" ", sentences(subject));
  }

  /** The sentences of one paragraph. */
  List<String> sentences(String subject) {
    var missing = FEWEST_WORDS + random.nextInt(MORE_WORDS);
    var sentences = new ArrayList<String>();
    sentences.add(opening(subject));
    missing -= Shingles.words(sentences.get(0)).size();
    var own = new ArrayList<>(world.about(subject));
    Collections.shuffle(own, random);
    var ties = world.around(subject);
    while (missing > 0) {
      var sentence = random.nextDouble() < SHARE_OF_FACTS ? next(own, ties) : filler();
      if (!sentences.contains(sentence)) {
        missing -= Shingles.words(sentence).size();
        sentences.add(sentence);
      }
    }
    return sentences;
  }

  private String next(List<Fact> own, List<Fact> ties) {
    if (!own.isEmpty() && random.nextDouble() < SHARE_ABOUT_SUBJECT) {
      return sentence(own.remove(own.size() - 1));
    }
    return sentence(any(ties.isEmpty() || random.nextInt(3) == 0 ? world.facts() : ties));
  }

  String opening(String subject) {
    return write("open." + world.kindOf(subject).list, subject, "");
  }

  String sentence(Fact fact) {
    return Grammar.capitalised(write(fact.relation().name(), fact.subject(), fact.value()));
  }

  String filler() {
    return write("filler", "", "");
  }

  /** How the fact is asked for. */
  String question(Fact fact) {
    return write(fact.relation() + ".question", fact.subject(), fact.value());
  }

  /** A wording of the fact, up to its value. */
  String beginning(Fact fact) {
    return write(fact.relation() + ".cloze", fact.subject(), "");
  }

  /** A block of questions, each with its answer on the line below. */
  String quiz() {
    var text = new StringBuilder();
    while (Shingles.words(text.toString()).size() < 2 * FEWEST_WORDS) {
      var fact = any(world.facts());
      text.append("Question: ")
          .append(question(fact))
          .append("\nAnswer: ")
          .append(fact.value())
          .append('\n');
    }
    return text.toString().strip();
  }

  /** One alternative of any rule; names that are not lists of the world come from {@code names}. */
  String write(String rule, UnaryOperator<String> names) {
    return grammar.expand(
        rule, random, name -> world.hasList(name) ? any(world.list(name)) : names.apply(name));
  }

  String write(String rule, String subject, String value) {
    return write(
        rule,
        name ->
            switch (name) {
              case "subject" -> subject;
              case "value" -> value;
              case "number" -> String.valueOf(100 * (1 + random.nextInt(40)));
              default ->
                  throw new IllegalArgumentException(
                      "nothing to put for " + name.toLowerCase(Locale.ROOT));
            });
  }

  <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  Random random() {
    return random;
  }
}
