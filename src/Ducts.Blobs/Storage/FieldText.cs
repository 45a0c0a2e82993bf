using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Ducts.Blobs.Storage;

/// <summary>The values of metadata, which are all text.</summary>
internal static class FieldText
{
    public const string DefaultType = "application/octet-stream";
    public const string TextType = "text/plain";
    public const string DirectoryType = "application/json";
    public const string DefaultEncoding = "UTF-8";

    private static readonly FileExtensionContentTypeProvider Types = new();

    /// <summary>Returns the value of a field as text; none for null.</summary>
    /// <exception cref="EventException">It is a list or a map (ValueError).</exception>
    public static string Of(string name, object? value) => value switch
    {
        null => "",
        string text => text,
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        bool flag => flag ? "1" : "0",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw EventException.InvalidValue($"field '{name}': expected text, a number, bytes or a bool"),
    };

    /// <summary>Returns when a content was changed, in Unix seconds.</summary>
    /// <param name="value">A number or its text, or a date as HTTP has it; now if there is none.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="EventException">It is neither (ValueError).</exception>
    public static string LastModified(object? value, DateTimeOffset now)
    {
        var text = Of("last_modified", value).Trim();
        if (text.Length == 0)
        {
            return Seconds(now);
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && Math.Abs(seconds) < 1e11)
        {
            return ((long)seconds).ToString(CultureInfo.InvariantCulture);
        }

        return HeaderUtilities.TryParseDate(text, out var date)
            ? Seconds(date)
            : throw EventException.InvalidValue($"last_modified: '{text}' is neither Unix seconds nor an HTTP date");
    }

    public static string Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Returns the place of a content among the others of its group; empty if there is none.</summary>
    /// <exception cref="EventException">It is not a number (ValueError).</exception>
    public static string Order(object? value)
    {
        var text = Of("order", value).Trim();
        return text.Length == 0 || (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            ? text
            : throw EventException.InvalidValue($"order: '{text}' is not a number");
    }

    /// <summary>Returns the media type of a name by its extension; null if it tells none.</summary>
    public static string? TypeOf(string name) => Types.TryGetContentType(name, out var type) ? type : null;

    /// <summary>Returns text as bytes.</summary>
    /// <exception cref="EventException">There is no such encoding, or it does not have all characters (ValueError).</exception>
    public static byte[] Encode(string text, string encoding)
    {
        try
        {
            var known = CodePagesEncodingProvider.Instance.GetEncoding(encoding) ?? Encoding.GetEncoding(encoding);
            var strict = (Encoding)known.Clone();
            strict.EncoderFallback = EncoderFallback.ExceptionFallback;
            return strict.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            throw EventException.InvalidValue($"encoding: {encoding} does not have all characters of the content");
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw EventException.InvalidValue($"encoding: '{encoding}' is unknown");
        }
    }
}
