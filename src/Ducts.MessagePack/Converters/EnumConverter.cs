using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;

namespace Ducts.MessagePack.Converters;

/// <summary>Enums by name, flags as names with commas; values without a name as integers. Reads names in any case, and integers.</summary>
internal sealed class EnumConverter<T> : PackConverter<T>
    where T : struct, Enum
{
    private static readonly string Expected = $"a name of {typeof(T).Name}";

    private readonly Dictionary<T, string> _names = [];
    private readonly Dictionary<string, T> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, T> _looseValues = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool _flags = typeof(T).IsDefined(typeof(FlagsAttribute), inherit: false);

    public EnumConverter()
    {
        foreach (var field in typeof(T).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var value = (T)field.GetValue(null)!;
            var name = field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? field.Name;
            _names.TryAdd(value, name);
            _values.TryAdd(name, value);
            _looseValues.TryAdd(name, value);
        }
    }

    public override void Write(ref PackWriter writer, T value)
    {
        if (NameOf(value) is { } name)
            writer.WriteString(name);
        else if (Enum.GetUnderlyingType(typeof(T)) == typeof(ulong))
            writer.WriteUInt64(Convert.ToUInt64(value, CultureInfo.InvariantCulture));
        else
            writer.WriteInt64(Convert.ToInt64(value, CultureInfo.InvariantCulture));
    }

    public override bool TryRead(ref PackReader reader, out T value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        var start = reader;
        if (reader.TryReadString(out var text) == MessagePackStatus.Ok)
        {
            if (TryParse(text, out value))
                return true;
            error = new MessagePackReadError("", Expected, $"'{Shorten(text)}'");
            return false;
        }

        if (TryReadInteger(ref reader, out value))
            return true;
        return Fail(start, Expected, out value, out error);
    }

    /// <summary>The text of a value, null when it has no name.</summary>
    public string? NameOf(T value)
    {
        if (_names.TryGetValue(value, out var name))
            return name;
        return _flags ? ComposeFlags(value) : null;
    }

    public bool TryParse(string text, out T value)
    {
        if (_values.TryGetValue(text, out value) || _looseValues.TryGetValue(text, out value))
            return true;
        if (!_flags || !text.Contains(','))
            return false;
        ulong bits = 0;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!_looseValues.TryGetValue(part, out var flag))
                return false;
            bits |= ToBits(flag);
        }

        value = (T)Enum.ToObject(typeof(T), bits);
        return true;
    }

    private static bool TryReadInteger(ref PackReader reader, out T value)
    {
        if (reader.TryReadInt64(out var signed) == MessagePackStatus.Ok)
        {
            value = (T)Enum.ToObject(typeof(T), signed);
            return ToBits(value) == (ulong)signed && (signed >= 0 || IsSigned);
        }

        var done = reader.TryReadUInt64(out var unsigned) == MessagePackStatus.Ok && Enum.GetUnderlyingType(typeof(T)) == typeof(ulong);
        value = done ? (T)Enum.ToObject(typeof(T), unsigned) : default;
        return done;
    }

    private static bool IsSigned => Type.GetTypeCode(typeof(T)) is TypeCode.SByte or TypeCode.Int16 or TypeCode.Int32 or TypeCode.Int64;

    private static ulong ToBits(T value) => IsSigned
        ? (ulong)Convert.ToInt64(value, CultureInfo.InvariantCulture)
        : Convert.ToUInt64(value, CultureInfo.InvariantCulture);

    private static string Shorten(string text) => text.Length <= 40 ? text : $"{text[..40]}…";

    private string? ComposeFlags(T value)
    {
        var left = ToBits(value);
        var text = new StringBuilder();

        // Larger values first, as several flags together may have a name of their own.
        foreach (var (flag, name) in _names.OrderByDescending(static pair => ToBits(pair.Key)))
        {
            var bits = ToBits(flag);
            if (bits == 0 || (left & bits) != bits)
                continue;
            left &= ~bits;
            text.Insert(0, text.Length == 0 ? name : $"{name}, ");
        }

        return left == 0 && text.Length > 0 ? text.ToString() : null;
    }
}
