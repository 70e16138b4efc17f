using System.Globalization;

namespace Ringfence.Gateways;

/// <summary>What a message says of how it is ended, in the languages of <see cref="CodeText"/>. It sells nothing, and asks for nothing.</summary>
public static class WayOutText
{
    /// <summary>What stands at the end of a mail.</summary>
    /// <param name="language">BCP 47; English where it is none of <see cref="CodeText.Languages"/>.</param>
    /// <param name="choices">The page of the person's choices.</param>
    /// <param name="stop">Where everything is stopped.</param>
    public static string Links(string language, Uri choices, Uri stop) => In(language,
        "Your choices: {0}\nStop everything: {1}", "您的选择：{0}\n停止一切联系：{1}", "您的選擇：{0}\n停止一切聯絡：{1}", "Ihre Wünsche: {0}\nAlles beenden: {1}",
        "Vos choix : {0}\nTout arrêter : {1}", "Sus preferencias: {0}\nPararlo todo: {1}", "Le sue scelte: {0}\nFermare tutto: {1}", choices.AbsoluteUri, stop.AbsoluteUri);

    /// <summary>What stands at the end of a text that can be answered.</summary>
    public static string Reply(string language) => In(language,
        "To stop all: reply STOP.", "如需全部停止，请回复 STOP。", "如需全部停止，請回覆 STOP。", "Alles beenden: Antwort STOP.", "Tout arrêter : répondez STOP.", "Para pararlo todo: responda STOP.", "Per fermare tutto: rispondere STOP.");

    /// <summary>The message that brings somebody the link to their own page, because they asked for it.</summary>
    public static string Own(string language, string sender, Uri choices) => In(language,
        "{0}: the page you asked for, where you see and change how we contact you, or stop it: {1} Keep it to yourself.", "{0}：这是您索取的页面，可在此查看、更改或停止我们对您的联系：{1} 请勿转给他人。",
        "{0}：這是您索取的頁面，可在此查看、變更或停止我們對您的聯絡：{1} 請勿轉給他人。", "{0}: die Seite, um die Sie baten. Hier sehen und ändern Sie, wie wir Sie kontaktieren, oder beenden es: {1} Geben Sie sie nicht weiter.",
        "{0} : la page que vous avez demandée, pour voir, changer ou arrêter nos contacts : {1} Ne la transmettez à personne.", "{0}: la página que pidió, para ver, cambiar o parar cómo le contactamos: {1} No la comparta.",
        "{0}: la pagina che ha chiesto, per vedere, cambiare o fermare i nostri contatti: {1} Non la dia ad altri.", CodeText.Sender(sender), choices.AbsoluteUri);

    /// <summary>The subject of a mail that brings it.</summary>
    public static string OwnSubject(string language, string sender) => In(language,
        "Your choices at {0}", "您在 {0} 的选择", "您在 {0} 的選擇", "Ihre Wünsche bei {0}", "Vos choix chez {0}", "Sus preferencias en {0}", "Le sue scelte presso {0}", CodeText.Sender(sender));

    /// <summary>The one answer to a no: that it was understood. Source: 47 CFR 64.1200(a)(12), one confirmation, without marketing.</summary>
    public static string Stopped(string language, string sender) => In(language,
        "{0}: your no is noted and in force. We will not write about it again.", "{0}：已记录您的拒绝，现已生效。我们不会就此再发消息。", "{0}：已記錄您的拒絕，現已生效。我們不會就此再發訊息。", "{0}: Ihr Nein ist vermerkt und gilt. Wir schreiben dazu nicht noch einmal.",
        "{0} : votre refus est noté et appliqué. Nous n'écrirons plus à ce sujet.", "{0}: su negativa queda anotada y vigente. No volveremos a escribir sobre ello.", "{0}: il suo no è annotato e in vigore. Non scriveremo più al riguardo.", CodeText.Sender(sender));

    /// <summary>The answer to a help word: who writes, and where their choices are. How it is stopped stands behind it, as behind every text.</summary>
    /// <param name="language">BCP 47; English where it is none of <see cref="CodeText.Languages"/>.</param>
    /// <param name="sender">Who writes.</param>
    /// <param name="choices">Where they get to the page of their choices; null: nowhere.</param>
    public static string Help(string language, string sender, Uri? choices) => In(language,
        "{0}: messages from this number come from us.", "{0}：此号码发出的消息来自我们。", "{0}：此號碼發出的訊息來自我們。", "{0}: Nachrichten von dieser Nummer kommen von uns.",
        "{0} : les messages de ce numéro viennent de nous.", "{0}: los mensajes de este número son nuestros.", "{0}: i messaggi da questo numero sono nostri.", CodeText.Sender(sender))
        + (choices is null ? "" : In(language, " Your choices: {0}", " 您的选择：{0}", " 您的選擇：{0}", " Ihre Wünsche: {0}", " Vos choix : {0}", " Sus preferencias: {0}", " Le sue scelte: {0}", choices.AbsoluteUri));

    private static string In(string language, string en, string hans, string hant, string de, string fr, string es, string it, params object[] arguments) => string.Format(CultureInfo.InvariantCulture, language switch
    {
        "zh-Hans" => hans,
        "zh-Hant" => hant,
        "de" => de,
        "fr" => fr,
        "es" => es,
        "it" => it,
        _ => en,
    }, arguments);
}
