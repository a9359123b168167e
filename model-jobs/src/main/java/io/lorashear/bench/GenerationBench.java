package io.lorashear.bench;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Text as {@code generate} makes it, with its cache: a prompt of random tokens read at once, and
 * the likeliest tokens after it, one by one; of several models in turn, and each in turn with its
 * own matrix products alone.
 *
 * @param checkpoints Hugging Face directories or GGUF files; first what the others are compared
 *     with
 * @param prompt tokens of the prompt
 * @param tokens to be generated after it
 * @param repetitions of each, after one that is not counted
 */
public record GenerationBench(
    List<Path> checkpoints, int prompt, int tokens, int repetitions, Device device) {

  /** What each reached, in the order of the checkpoints. */
  public GenerationSpeeds measure() {
    var speakers = new ArrayList<Speaker>();
    try {
      checkpoints.forEach(path -> speakers.add(Speaker.open(path, prompt, tokens, device)));
      var works =
          speakers.stream()
              .<Runnable>mapMulti(
                  (speaker, all) -> {
                    all.accept(speaker::read);
                    all.accept(speaker::readingProducts);
                    all.accept(speaker::speak);
                    all.accept(speaker::speakingProducts);
                  })
              .toList();
      works.forEach(Runnable::run);
      var times = Repetitions.alternating(repetitions, works);
      var speeds = new ArrayList<GenerationSpeed>();
      for (int i = 0; i < speakers.size(); i++) {
        speeds.add(speakers.get(i).speed(times.subList(4 * i, 4 * i + 4)));
      }
      return new GenerationSpeeds(prompt, tokens, device, speeds);
    } finally {
      speakers.forEach(Speaker::close);
    }
  }
}
