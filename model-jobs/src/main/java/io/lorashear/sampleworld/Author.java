package io.lorashear.sampleworld;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Hands out fresh text in the manner of one source; every piece has a random stream of its own. */
final class Author {
  private final World world;
  private final Grammar grammar;
  private final long seed;
  private final String source;
  private int pieces;

  Author(World world, long seed, String source) {
    this.world = world;
    this.grammar = Grammar.read("common", source);
    this.seed = seed;
    this.source = source;
  }

  World world() {
    return world;
  }

  Random random(String use, int index) {
    return Seeds.of(seed, source + "." + use, index);
  }

  Composer composer() {
    return new Composer(world, grammar, random("piece", pieces++));
  }

  List<String> alternatives(String rule) {
    return grammar.rules(rule);
  }

  /** Subjects in an order of this source's own; the i-th piece is about the i-th, over and over. */
  List<String> subjects() {
    var subjects = new ArrayList<>(world.subjects());
    Collections.shuffle(subjects, random("subjects", 0));
    return subjects;
  }

  String subject(int index) {
    var subjects = subjects();
    return subjects.get(index % subjects.size());
  }

  List<String> fresh(int paragraphs) {
    var composer = composer();
    return composer.paragraphs(composer.any(world.subjects()), paragraphs);
  }

  /** {@code count} questions of the list, spread over it differently for every source. */
  List<MultipleChoice.Question> leaks(List<MultipleChoice.Question> questions, int count) {
    var random = random("leaks", 0);
    return IntStream.range(0, count)
        .mapToObj(i -> questions.get(random.nextInt(questions.size())))
        .toList();
  }
}
