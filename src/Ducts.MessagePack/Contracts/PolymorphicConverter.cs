using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Ducts.MessagePack.Contracts;

/// <summary>A base type whose derived types say by a pair in their map which they are.</summary>
internal sealed class PolymorphicConverter<T> : PackConverter<T?>
{
    private readonly JsonPolymorphismOptions _polymorphism;
    private readonly ContractConverter<T> _base;
    private readonly byte[] _pairName;
    private readonly Dictionary<Type, Derived> _byType = [];
    private readonly Dictionary<object, Derived> _byDiscriminator = [];

    public PolymorphicConverter(JsonTypeInfo<T> info, JsonPolymorphismOptions polymorphism, PackSerializerOptions options)
    {
        _polymorphism = polymorphism;
        _base = new ContractConverter<T>(info, options);
        var name = polymorphism.TypeDiscriminatorPropertyName;
        _pairName = Encoding.UTF8.GetBytes(name);
        foreach (var type in polymorphism.DerivedTypes)
        {
            var derived = new Derived(type.DerivedType, type.TypeDiscriminator, name, options);
            _byType[type.DerivedType] = derived;
            if (type.TypeDiscriminator is { } discriminator)
                _byDiscriminator[discriminator] = derived;
        }
    }

    public override void Write(ref PackWriter writer, T? value)
    {
        if (value is null)
            writer.WriteNil();
        else if (Find(value.GetType()) is { } derived)
            derived.Converter.WriteDerived(ref writer, value, derived.PackedPair);
        else
            _base.Write(ref writer, value);
    }

    public override bool TryRead(ref PackReader reader, out T? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default;
        error = null;
        if (reader.TryReadNil() == MessagePackStatus.Ok)
            return true;
        if (!TryFindDiscriminator(reader, out var discriminator, out error))
            return false;
        if (discriminator is not null && _byDiscriminator.TryGetValue(discriminator, out var derived))
        {
            if (!derived.Converter.TryReadDerived(ref reader, _pairName, out var made, out error))
                return false;
            value = (T?)made;
            return true;
        }

        var name = _polymorphism.TypeDiscriminatorPropertyName;
        if (discriminator is not null && !_polymorphism.IgnoreUnrecognizedTypeDiscriminators)
        {
            error = new MessagePackReadError(name, $"the name of a kind of {typeof(T).Name}", $"'{discriminator}'");
            return false;
        }

        if (typeof(T).IsAbstract)
        {
            error = new MessagePackReadError("", $"the member '{name}'", "a map without it");
            return false;
        }

        if (!_base.TryReadDerived(ref reader, _pairName, out var own, out error))
            return false;
        value = (T?)own;
        return true;
    }

    private Derived? Find(Type type)
    {
        if (_byType.TryGetValue(type, out var derived))
            return derived;
        if (type == typeof(T))
            return null;
        switch (_polymorphism.UnknownDerivedTypeHandling)
        {
            case JsonUnknownDerivedTypeHandling.FallBackToBaseType:
                return null;
            case JsonUnknownDerivedTypeHandling.FallBackToNearestAncestor:
                for (var ancestor = type.BaseType; ancestor is not null && ancestor != typeof(T); ancestor = ancestor.BaseType)
                {
                    if (_byType.TryGetValue(ancestor, out derived))
                        return derived;
                }

                return null;
            default:
                throw new MessagePackWriteException($"A value of type {type} cannot be packed as {typeof(T)}: the base does not name it as derived.");
        }
    }

    /// <summary>Looks for the pair anywhere in the map; the bytes are all there, so it need not come first.</summary>
    private bool TryFindDiscriminator(PackReader reader, out object? discriminator, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        discriminator = null;
        error = null;
        if (reader.TryReadMapHeader(out var count) != MessagePackStatus.Ok)
        {
            error = MessagePackReadError.At(reader, "a map");
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            var isNamed = reader.TryReadStringBytes(out var name) == MessagePackStatus.Ok;
            if (isNamed && name.SequenceEqual(_pairName))
            {
                discriminator = reader.TryReadInt32(out var number) == MessagePackStatus.Ok ? number
                    : reader.TryReadString(out var text) == MessagePackStatus.Ok ? text
                    : null;
                if (discriminator is not null)
                    return true;
                error = MessagePackReadError.At(reader, "a string").Within(_polymorphism.TypeDiscriminatorPropertyName);
                return false;
            }

            // Values are passed over here and read later; what is malformed in them is found then.
            if ((!isNamed && reader.TrySkip(int.MaxValue) != MessagePackStatus.Ok) || reader.TrySkip(int.MaxValue) != MessagePackStatus.Ok)
                return true;
        }

        return true;
    }

    private sealed class Derived(Type type, object? discriminator, string pairName, PackSerializerOptions options)
    {
        private IContractConverter? _converter;

        public byte[] PackedPair { get; } = discriminator is null
            ? []
            : [.. PackSerializer.Serialize(pairName), .. PackSerializer.Serialize(discriminator)];

        /// <summary>Made at first use; only contracts can carry the pair.</summary>
        public IContractConverter Converter => _converter ??= Make();

        private IContractConverter Make()
        {
            var info = options.Json.GetTypeInfo(type);
            return (IContractConverter)Activator.CreateInstance(typeof(ContractConverter<>).MakeGenericType(type), info, options)!;
        }
    }
}
