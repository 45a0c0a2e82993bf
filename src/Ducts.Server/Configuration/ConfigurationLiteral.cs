using System.Globalization;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace Ducts.Configuration;

/// <summary>Lists and maps of <c>appsettings.json</c>, which come as sections with children, as the literal an INI file has.</summary>
internal static class ConfigurationLiteral
{
    public static string Write(IConfigurationSection section)
    {
        var text = new StringBuilder();
        Write(text, section);
        return text.ToString();
    }

    private static void Write(StringBuilder text, IConfigurationSection section)
    {
        var children = section.GetChildren().ToList();
        if (children.Count == 0)
        {
            Quote(text, section.Value ?? "");
            return;
        }
        var isList = children.TrueForAll(static child => int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        text.Append(isList ? '[' : '{');
        for (var i = 0; i < children.Count; i++)
        {
            if (i > 0)
                text.Append(", ");
            if (!isList)
            {
                Quote(text, children[i].Key);
                text.Append(": ");
            }
            Write(text, children[i]);
        }
        text.Append(isList ? ']' : '}');
    }

    private static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            if (c is '"' or '\\')
                text.Append('\\');
            text.Append(c);
        }
        text.Append('"');
    }
}
