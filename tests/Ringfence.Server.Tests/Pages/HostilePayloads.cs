namespace Ringfence.Server.Tests.Pages;

/// <summary>Three hundred ways to write an element, an attribute or a formula where a text is wanted. Each that runs calls <c>pwn</c>.</summary>
internal static class HostilePayloads
{
    private static readonly string[] Ways = ["", "\"", "'", "\">", "'>", "\"/>", "</title>", "</textarea>", "</script>", "-->", "]]>", "</td></tr></table>", "`", "\\\"", "&quot;>"];

    private static readonly string[] Bodies =
    [
        "<script>pwn()</script>", "<img src=x onerror=pwn()>", "<svg onload=pwn()>", "<x-pwn a=b>", "<iframe srcdoc='<script>pwn()</script>'>", "<a href=javascript:pwn()>x</a>", "<style>@import '//pwn'</style>",
        "<base href=//pwn.example>", "<form action=//pwn.example>", "<math><mtext><x-pwn>", "<object data=//pwn.example>", "<embed src=//pwn.example>", "<video onerror=pwn()>", "<details ontoggle=pwn() open>",
        " onpwn=pwn() autofocus x=", "javascript:pwn()", "<noscript><p title=\"</noscript><x-pwn>\">", "=HYPERLINK(\"//pwn\")", "<!--<x-pwn>", "&lt;x-pwn&gt;<x-pwn/onpwn=1>",
    ];

    /// <summary>Every way out of a text, with everything that may come after it.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Ways.SelectMany(static way => Bodies.Select(body => way + body))];
}
