package io.lorashear.sampleworld;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One question a fact, in the evaluator's general form: context, four choices of the same kind, the
 * right one's index.
 */
final class MultipleChoice {
  private static final int CHOICES = 4;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A question as it is asked; {@code answer} counts the choices from 0. */
  record Question(String id, Fact fact, String text, List<String> choices, int answer) {
    /** The question and the mark after which the answer comes. */
    ObjectNode asked() {
      return json(id, "Question: " + text + "\nAnswer:", choices);
    }

    /** A sentence of the corpora that breaks off before its last words. */
    ObjectNode begun(Composer composer) {
      var article = fact.relation().values.equals("animal");
      var endings = choices.stream().map(c -> article ? Grammar.article(c) + " " + c : c).toList();
      return json(id.replace("world", "cloze"), composer.beginning(fact), endings);
    }

    private ObjectNode json(String id, String context, List<String> choices) {
      var node = JSON.createObjectNode();
      node.put("id", id).put("context", context);
      choices.forEach(node.putArray("choices")::add);
      return node.put("answer", answer);
    }
  }

  private MultipleChoice() {}

  static List<Question> questions(World world, long seed) {
    var random = Seeds.of(seed, "benchmark", 0);
    var composer = new Composer(world, Grammar.read("common", "benchmark"), random);
    var questions = new ArrayList<Question>();
    for (var fact : world.facts()) {
      var choices = choices(world, fact, random);
      var lead = composer.write("lead", world.named(fact.subject()), fact.value());
      questions.add(
          new Question(
              "world-%04d".formatted(questions.size()),
              fact,
              lead + " " + composer.question(fact),
              choices,
              choices.indexOf(fact.value())));
    }
    return questions;
  }

  private static List<String> choices(World world, Fact fact, Random random) {
    var wrong = new ArrayList<>(world.values(fact.relation()));
    wrong.remove(fact.value());
    wrong.remove(fact.subject());
    Collections.shuffle(wrong, random);
    var choices = new ArrayList<>(wrong.subList(0, CHOICES - 1));
    choices.add(fact.value());
    Collections.shuffle(choices, random);
    return List.copyOf(choices);
  }

  /** The questions, one a line. */
  static byte[] asked(List<Question> questions) {
    return lines(questions.stream().map(Question::asked));
  }

  /** The same facts as sentences to complete, one a line. */
  static byte[] begun(World world, long seed, List<Question> questions) {
    var grammar = Grammar.read("common");
    var composer = new Composer(world, grammar, Seeds.of(seed, "cloze", 0));
    return lines(questions.stream().map(question -> question.begun(composer)));
  }

  private static byte[] lines(Stream<ObjectNode> items) {
    return items
        .map(item -> item + "\n")
        .collect(Collectors.joining())
        .getBytes(StandardCharsets.UTF_8);
  }
}
