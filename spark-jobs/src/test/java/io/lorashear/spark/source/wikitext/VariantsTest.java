package io.lorashear.spark.source.wikitext;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VariantsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '\0',
      value = {
        "zh~这是-{zh-hans:鼠标; zh-hant:滑鼠}-。~这是鼠标。",
        "zh~這個-{zh-hans:鼠标; zh-hant:滑鼠;}-會動。~這個滑鼠會動。",
        "zh~我们-{zh-tw:軟體;zh-cn:软件}-~我们软件",
        "zh~我们-{A|zh-hans:出租车;zh-hk:的士}-来~我们出租车来",
        "zh~我们-{H|zh-hans:甲;zh-hant:乙}-来-{T|zh-hans:丙}-~我们来",
        "zh~-{不变}-的-{R|原文}-~不变的原文",
        "zh~这-{{{lang|en|x}}}-~这x",
        "sr~Ово је -{sr-ec:Беч; sr-el:Beč}- и -{Wien}-.~Ово је Беч и Wien.",
        "sr~Ovo je -{sr-ec:Беч; sr-el:Beč}- grad.~Ovo je Beč grad.",
        "en~Језик се зове „-{Sprache}-“ и дугачак је.~Језик се зове „Sprache“ и дугачак је.",
        "kk~Бұл -{kk-cyrl:сөз; kk-latn:söz}- болды.~Бұл сөз болды.",
        "en~N-{4-[methyl]phenyl}-amide and {a}-{b}- stay.~N-{4-[methyl]phenyl}-amide and {a}-{b}-"
            + " stay.",
      })
  void thePagesOwn(String language, String wikitext, String prose) {
    var namespaces = Namespaces.of("<mediawiki xml:lang=\"" + language + "\">");
    assertThat(Wikitext.prose("T", wikitext, namespaces).text()).isEqualTo(prose);
  }

  @Test
  void aDumpThatDoesNotSayItsLanguageIsReadByTheCodesInIt() {
    var page = "我们-{zh-hans:甲;zh-hant:乙}-和-{丙}-。";
    assertThat(Wikitext.prose("T", page, Namespaces.ENGLISH).text()).isEqualTo("我们甲和丙。");
  }
}
