using Ringfence.Lists;

namespace Ringfence.Server.Lists.Report;

/// <summary>The words of column readings in files, and how a reading is told.</summary>
internal static class FieldWords
{
    private static readonly string[] Certainties = ["guess", "likely", "sure"];
    private static readonly string[] Grounds = ["nothing", "header", "content", "map"];
    private static readonly string[] Orders = ["unknown", "day-first", "month-first"];

    /// <summary>The word of a field, the same as in <c>--map</c>.</summary>
    public static string Word(ListField field) => ListFields.Word(field);

    /// <summary>The word of a certainty.</summary>
    public static string Word(ReadingCertainty certainty) => Certainties[(int)certainty];

    /// <summary>The word of a ground.</summary>
    public static string Word(ReadingGround ground) => Grounds[(int)ground];

    /// <summary>The word of an order of dates.</summary>
    public static string Word(DateOrder order) => Orders[(int)order];

    /// <summary>What a column tells, with its channels where it is about some only.</summary>
    public static string Say(ColumnReading column, ReportLanguage language)
    {
        var field = language["Field." + Word(column.Field)];
        if (column.Field is not (ListField.Consent or ListField.Refusal or ListField.ConsentAt or ListField.ConsentUntil or ListField.ConsentWording))
            return field;
        var channels = column.Channels is ChannelSet.None or ChannelSet.All
            ? language["Channels.All"]
            : language.Join(Channels.All.Where(c => column.Channels.Has(c)).Select(c => language.Find($"Channel.{c.Word()}.Short") ?? language["Channel." + c.Word()]));
        return language.Say("Field.OnChannels", field, channels);
    }
}
