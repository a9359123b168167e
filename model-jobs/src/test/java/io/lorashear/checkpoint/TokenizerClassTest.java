package io.lorashear.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizerClassTest {
  @TempDir Path folder;

  /** The model's begin is 1 and its end 2. */
  private String written(String tokenizer, String more) throws IOException {
    var files = Files.createDirectories(folder.resolve("files"));
    var companions =
        List.of(
            Files.writeString(files.resolve("tokenizer.json"), tokenizer.replace('\'', '"')),
            Files.writeString(files.resolve("tokenizer_config.json"), more.replace('\'', '"')));
    var config = SmallModels.uneven();
    var model = folder.resolve("model");
    CheckpointWriter.write(model, config, SmallModels.weights(config, 1), companions);
    return JsonFile.read(model.resolve("tokenizer_config.json")).toString().replace('"', '\'');
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '$',
      value = {
        "{'model': {'vocab': {'a': 0, '<s>': 1, '</s>': 2}, 'unk_token': '?'}}",
        "{'model': {'vocab': [['a', 0], ['<s>', 0], ['</s>', 0]], 'unk_token': '?'}}",
        "{'added_tokens': [{'id': 1, 'content': '<s>'}, {'id': 2, 'content': '</s>'}],"
            + " 'model': {'vocab': {'a': 0, 'b': 1, 'c': 2}, 'unk_token': '?'}}"
      })
  void aTokenizerThatNobodyNamedGetsTheClassThatReadsAnyAndItsSpecialTokens(String tokenizer)
      throws IOException {
    assertThat(written(tokenizer, "{}"))
        .isEqualTo(
            "{'model_input_names':['input_ids','attention_mask'],"
                + "'tokenizer_class':'PreTrainedTokenizerFast','bos_token':'<s>',"
                + "'eos_token':'</s>','unk_token':'?'}");
  }

  @Test
  void whatItsAuthorSaysStays() throws IOException {
    var tokenizer = "{'model': {'vocab': {'a': 0, '<s>': 1, '</s>': 2}}}";
    assertThat(written(tokenizer, "{'tokenizer_class': 'GPT2Tokenizer'}"))
        .isEqualTo("{'tokenizer_class':'GPT2Tokenizer'}");
    assertThat(written(tokenizer, "{'eos_token': 'a'}")).contains("'eos_token':'a','");
  }
}
