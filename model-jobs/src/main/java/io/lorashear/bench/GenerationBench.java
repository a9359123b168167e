package io.lorashear.bench;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures generation as {@code generate} does it, with its cache: a prompt of random tokens is
 * read at once, and the likeliest tokens follow one by one; several models in turn, each in turn
 * with its own matrix products alone.
 *
 * @param checkpoints Hugging Face directories or GGUF files; the others are compared with the first
 *     one
 * @param prompt tokens of the prompt
 * @param tokens number of tokens generated after it
 * @param repetitions repetitions of each, after one warm-up
 */
public record GenerationBench(
    List<Path> checkpoints, int prompt, int tokens, int repetitions, Device device) {

  /** The speed of each, in the order of the checkpoints. */
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
