using System.Numerics;

namespace Ducts.MessagePack.Converters;

/// <summary>The types with a form of their own that no options change.</summary>
internal static class ScalarConverters
{
    public static PackConverter? TryCreate(Type type, PackSerializerOptions options) => Type.GetTypeCode(type) switch
    {
        _ when type.IsEnum => null,
        TypeCode.Boolean => new BooleanConverter(),
        TypeCode.String => new StringConverter(),
        TypeCode.Char => new CharConverter(),
        TypeCode.SByte => Integer<sbyte>(options),
        TypeCode.Byte => Integer<byte>(options),
        TypeCode.Int16 => Integer<short>(options),
        TypeCode.UInt16 => Integer<ushort>(options),
        TypeCode.Int32 => Integer<int>(options),
        TypeCode.UInt32 => Integer<uint>(options),
        TypeCode.Int64 => Integer<long>(options),
        TypeCode.UInt64 => Integer<ulong>(options),
        TypeCode.Single => Float<float>(options),
        TypeCode.Double => Float<double>(options),
        TypeCode.Decimal => new DecimalConverter(),
        TypeCode.DateTime => new DateTimeConverter(),
        _ => TryCreateOther(type, options),
    };

    private static PackConverter? TryCreateOther(Type type, PackSerializerOptions options) => type switch
    {
        _ when type == typeof(byte[]) => new ByteArrayConverter(),
        _ when type == typeof(ReadOnlyMemory<byte>) => new ByteMemoryConverter<ReadOnlyMemory<byte>>(static m => m, static a => a),
        _ when type == typeof(Memory<byte>) => new ByteMemoryConverter<Memory<byte>>(static m => m, static a => a),
        _ when type == typeof(ArraySegment<byte>) => new ByteMemoryConverter<ArraySegment<byte>>(static s => s, static a => a),
        _ when type == typeof(Guid) => new GuidConverter(),
        _ when type == typeof(DateTimeOffset) => new DateTimeOffsetConverter(),
        _ when type == typeof(DateOnly) => new DateOnlyConverter(),
        _ when type == typeof(TimeOnly) => new TimeOnlyConverter(),
        _ when type == typeof(TimeSpan) => new TimeSpanConverter(),
        _ when type == typeof(Half) => Float<Half>(options),
        _ when type == typeof(nint) => Integer<nint>(options),
        _ when type == typeof(nuint) => Integer<nuint>(options),
        _ when type == typeof(Int128) => new WideIntegerConverter<Int128>(),
        _ when type == typeof(UInt128) => new WideIntegerConverter<UInt128>(),
        _ when type == typeof(BigInteger) => new WideIntegerConverter<BigInteger>(),
        _ when type == typeof(Uri) => new ParsedConverter<Uri>(
            "a URI", static u => u.OriginalString, static s => Uri.TryCreate(s, UriKind.RelativeOrAbsolute, out var uri) ? uri : null),
        _ when type == typeof(Version) => new ParsedConverter<Version>(
            "a version", static v => v.ToString(), static s => Version.TryParse(s, out var version) ? version : null),
        _ => null,
    };

    private static IntegerConverter<T> Integer<T>(PackSerializerOptions options)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
        => new(ConverterFactory.ReadsNumbersFromStrings(options));

    private static FloatConverter<T> Float<T>(PackSerializerOptions options)
        where T : struct, IBinaryFloatingPointIeee754<T>
        => new(ConverterFactory.ReadsNumbersFromStrings(options));
}
