using System.Globalization;

namespace Ringfence.Gateways;

/// <summary>What a code is for.</summary>
public enum CodeAct : byte
{
    /// <summary>To confirm a consent.</summary>
    Consent,

    /// <summary>To change wishes: to allow more, to see what is held.</summary>
    Preferences,

    /// <summary>To be told why one was contacted.</summary>
    Why,

    /// <summary>To ask for what the law gives.</summary>
    Rights,
}

/// <summary>The message that carries a code: who sends it, what the code is for, how long it is good, and no word that sells anything.</summary>
public static class CodeText
{
    // Marketing words have no place here, and neither has a name that is a sentence.
    private const int LongestSender = 60;

    /// <summary>The languages there are.</summary>
    public static IReadOnlyList<string> Languages { get; } = ["en", "zh-Hans", "zh-Hant", "de", "fr", "es", "it"];

    /// <summary>The text.</summary>
    /// <param name="language">BCP 47; English where it is none of <see cref="Languages"/>.</param>
    /// <param name="sender">Who sends it.</param>
    /// <param name="act">What the code is for.</param>
    /// <param name="code">The code, as it is shown.</param>
    /// <param name="minutes">How long it is good.</param>
    public static string Of(string language, string sender, CodeAct act, string code, int minutes)
    {
        var who = Sender(sender);
        return string.Format(CultureInfo.InvariantCulture, language switch
        {
            "zh-Hans" => "{0}：验证码 {1}，用于{2}，{3} 分钟内有效。若非您本人操作，请不必理会。",
            "zh-Hant" => "{0}：驗證碼 {1}，用於{2}，{3} 分鐘內有效。若非您本人操作，請不必理會。",
            "de" => "{0}: Ihr Code ist {1}, um {2}. Er gilt {3} Minuten. Haben Sie ihn nicht verlangt, tun Sie nichts.",
            "fr" => "{0} : votre code est {1}, pour {2}. Il est valable {3} minutes. Si vous ne l'avez pas demandé, ne faites rien.",
            "es" => "{0}: su código es {1}, para {2}. Vale {3} minutos. Si no lo ha pedido, no haga nada.",
            "it" => "{0}: il suo codice è {1}, per {2}. Vale {3} minuti. Se non l'ha chiesto, non faccia nulla.",
            _ => "{0}: your code is {1}, to {2}. It is good for {3} minutes. If you did not ask for it, do nothing.",
        }, who, code, For(language, act), minutes);
    }

    /// <summary>What stands behind it, where the code is typed on a page that the person has not before them.</summary>
    /// <param name="language">BCP 47; English where it is none of <see cref="Languages"/>.</param>
    /// <param name="page">The page.</param>
    public static string Where(string language, Uri page)
    {
        ArgumentNullException.ThrowIfNull(page);
        return string.Format(CultureInfo.InvariantCulture, language switch
        {
            "zh-Hans" => "请在此页输入，也可在此重新获取：{0}",
            "zh-Hant" => "請在此頁輸入，也可在此重新取得：{0}",
            "de" => " Geben Sie ihn hier ein, dort gibt es auch einen neuen: {0}",
            "fr" => " Saisissez-le ici, où vous pouvez aussi en demander un autre : {0}",
            "es" => " Escríbalo aquí, donde también puede pedir otro: {0}",
            "it" => " Lo inserisca qui, dove può anche chiederne un altro: {0}",
            _ => " Type it here, where you can also ask for a new one: {0}",
        }, page.AbsoluteUri);
    }

    /// <summary>The subject of a mail that carries it.</summary>
    public static string Subject(string language, string sender) => string.Format(CultureInfo.InvariantCulture, language switch
    {
        "zh-Hans" => "{0} 的验证码",
        "zh-Hant" => "{0} 的驗證碼",
        "de" => "Ihr Code von {0}",
        "fr" => "Votre code de {0}",
        "es" => "Su código de {0}",
        "it" => "Il suo codice da {0}",
        _ => "Your code from {0}",
    }, Sender(sender));

    /// <summary>Who sends, in one line that is no sentence.</summary>
    internal static string Sender(string sender)
    {
        var line = new string([.. sender.Where(static c => !char.IsControl(c))]).Trim();
        return line.Length <= LongestSender ? line : line[..(char.IsHighSurrogate(line[LongestSender - 1]) ? LongestSender - 1 : LongestSender)];
    }

    private static string For(string language, CodeAct act) => (language, act) switch
    {
        ("zh-Hans", CodeAct.Consent) => "确认您同意接受联系",
        ("zh-Hans", CodeAct.Preferences) => "更改您的联系偏好",
        ("zh-Hans", CodeAct.Why) => "查看您为何被联系",
        ("zh-Hans", CodeAct.Rights) => "确认您的数据权利请求",
        ("zh-Hant", CodeAct.Consent) => "確認您同意接受聯絡",
        ("zh-Hant", CodeAct.Preferences) => "變更您的聯絡偏好",
        ("zh-Hant", CodeAct.Why) => "查看您為何被聯絡",
        ("zh-Hant", CodeAct.Rights) => "確認您的資料權利請求",
        ("de", CodeAct.Consent) => "zu bestätigen, dass man Sie kontaktieren darf",
        ("de", CodeAct.Preferences) => "Ihre Wünsche zu ändern",
        ("de", CodeAct.Why) => "zu sehen, warum Sie kontaktiert wurden",
        ("de", CodeAct.Rights) => "Ihre Anfrage zum Datenschutz zu bestätigen",
        ("fr", CodeAct.Consent) => "confirmer que vous acceptez d'être contacté",
        ("fr", CodeAct.Preferences) => "changer vos préférences de contact",
        ("fr", CodeAct.Why) => "voir pourquoi vous avez été contacté",
        ("fr", CodeAct.Rights) => "confirmer votre demande sur vos données",
        ("es", CodeAct.Consent) => "confirmar que acepta que le contacten",
        ("es", CodeAct.Preferences) => "cambiar sus preferencias de contacto",
        ("es", CodeAct.Why) => "ver por qué le contactaron",
        ("es", CodeAct.Rights) => "confirmar su solicitud sobre sus datos",
        ("it", CodeAct.Consent) => "confermare che accetta di essere contattato",
        ("it", CodeAct.Preferences) => "cambiare le sue preferenze di contatto",
        ("it", CodeAct.Why) => "vedere perché è stato contattato",
        ("it", CodeAct.Rights) => "confermare la sua richiesta sui suoi dati",
        (_, CodeAct.Consent) => "confirm that you agree to be contacted",
        (_, CodeAct.Preferences) => "change how you are contacted",
        (_, CodeAct.Why) => "see why you were contacted",
        (_, CodeAct.Rights) => "confirm your request about your data",
        _ => throw new ArgumentOutOfRangeException(nameof(act)),
    };
}
