using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>Makes what reads the arguments of one method.</summary>
internal sealed class ArgumentFactory
{
    private readonly PackSerializerOptions _options;
    private readonly ArgumentKinds _kinds;
    private readonly ParameterShape[] _arguments;

    public ArgumentFactory(PackSerializerOptions options, IReadOnlyList<ParameterShape> parameters)
    {
        _options = options;
        _kinds = new ArgumentKinds(options.Json);
        _arguments = [.. parameters.Where(each => each.Source == ParameterSource.Data)];
        var hasExtra = parameters.Any(each => each.Source == ParameterSource.Extra);
        Plan = new([.. _arguments.Select(each => each.Name)])
        {
            Whole = _arguments.Length == 1 && !hasExtra ? WholeOf(_arguments[0]) : WholeData.Never,
            HasTail = _arguments.Length > 0 && _arguments[^1].IsTail,
            HasExtra = hasExtra,
            TakesAnything = _arguments.Length == 0 && !hasExtra && parameters.Any(each => each.Source == ParameterSource.Event),
        };
    }

    /// <summary>How the arguments lie in a request's data.</summary>
    public ArgumentPlan Plan { get; }

    /// <summary>Makes the <see cref="Argument{T}"/> of a parameter's type.</summary>
    public object Create(ParameterShape shape)
    {
        var converter = _options.GetConverter(shape.Type);
        if (shape.Source == ParameterSource.Extra)
            return Make(typeof(ExtraArgument<>), Plan, shape.Name, converter);
        var place = new ArgumentPlace(shape, Array.IndexOf(_arguments, shape), ArgumentKinds.ExpectedBy(shape.Type, _kinds.Of(shape.Type)));
        if (shape.IsTail)
            return Make(typeof(TailArgument<>), place, converter);
        return Plan.Whole == WholeData.MapsUnlessWrapped
            ? Make(typeof(RecordArgument<>), place, converter, _kinds.HasMember(shape.Type, shape.Name))
            : Make(typeof(DataArgument<>), place, converter);

        object Make(Type definition, params object[] parts) => Activator.CreateInstance(definition.MakeGenericType(shape.Type), parts)!;
    }

    private WholeData WholeOf(ParameterShape shape) => _kinds.Of(shape.Type) switch
    {
        ArgumentKind.Any => WholeData.Always,
        ArgumentKind.List => WholeData.Arrays,
        ArgumentKind.Dictionary => WholeData.Maps,
        ArgumentKind.Record => WholeData.MapsUnlessWrapped,
        _ => WholeData.Never,
    };
}
