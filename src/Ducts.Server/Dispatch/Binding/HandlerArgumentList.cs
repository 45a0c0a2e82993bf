using System.Collections;
using Ducts.Dispatch.Binding.Parameters;

namespace Ducts.Dispatch.Binding;

/// <summary>
/// A handler's arguments for documentation. Whether one is required depends on nullable annotations, which cost more to
/// read than the rest of the analysis; so they are read when somebody looks.
/// </summary>
internal sealed class HandlerArgumentList(IReadOnlyList<ParameterShape> shapes) : IReadOnlyList<HandlerArgument>
{
    private HandlerArgument[]? _arguments;

    public int Count => shapes.Count;

    public HandlerArgument this[int index] => Arguments[index];

    private HandlerArgument[] Arguments => _arguments ??=
        [.. shapes.Select(shape => new HandlerArgument(shape.Name.Text, shape.Type, shape.IsRequired))];

    public IEnumerator<HandlerArgument> GetEnumerator() => Arguments.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
