using Ducts.Dispatch.Errors;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>One call's arguments: where each lies in the data. They are found first, then read in the parameters' order.</summary>
/// <param name="invocation">The call.</param>
/// <param name="offsets">Room for one number per argument.</param>
internal ref struct ArgumentFrame(scoped in Invocation invocation, Span<int> offsets)
{
    private const int Absent = -1;

    private readonly Span<int> _offsets = offsets;

    /// <summary>The whole data.</summary>
    public readonly ReadOnlySpan<byte> Data = invocation.Data;

    public readonly IInvocationTarget Target = invocation.Target;

    /// <summary>Whether the data is a map whose names are arguments.</summary>
    public bool IsByName { get; private set; }

    /// <summary>Whether the data as a whole is the argument; messages then have paths from its root.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>For <see cref="WholeData.MapsUnlessWrapped"/>: where the value of the argument's own name lies, or 0.</summary>
    public int WrappedAt { get; private set; }

    /// <summary>Where the rest of an array begins that the last argument takes.</summary>
    public int TailAt { get; private set; }

    /// <summary>How many elements that rest has; -1 when the last argument is not in such a rest.</summary>
    public int TailCount { get; private set; } = Absent;

    /// <summary>The argument's bytes, and more behind them; empty when the request has none.</summary>
    public readonly ReadOnlySpan<byte> this[int index] => _offsets[index] < 0 ? default : Data[_offsets[index]..];

    /// <summary>Finds the arguments; false when the data does not fit, which the target has then been told.</summary>
    public bool TryLocate(ArgumentPlan plan)
    {
        _offsets.Fill(Absent);
        if (plan.TakesAnything)
            return true;
        var reader = new PackReader(Data);
        if (reader.TryPeekKind(out var kind) != MessagePackStatus.Ok)
            throw new ArgumentException("The data is no validated value.");
        if (plan.Whole == WholeData.Always)
            return TakeWhole();
        switch (kind)
        {
            case MessagePackKind.Nil:
                return true;
            case MessagePackKind.Map:
                return TryLocateInMap(plan, ref reader);
            case MessagePackKind.Array when plan.Whole == WholeData.Arrays:
                return TakeWhole();
            case MessagePackKind.Array:
                return TryLocateInArray(plan, ref reader);
            // What clients in the field send where they have no arguments.
            case MessagePackKind.String when plan.Count == 0 && reader.TryReadStringBytes(out var text) == MessagePackStatus.Ok && text.IsEmpty:
                return true;
            default:
                if (plan.Count == 0)
                    return Fail(ErrorNames.Type, BindingText.NoArguments(kind, plan.HasExtra));
                return TakeFirst(plan);
        }
    }

    /// <summary>Tells the target that the call cannot be made.</summary>
    /// <returns>False, always.</returns>
    public readonly bool Fail(string name, string message)
    {
        Target.Fail(name, message);
        return false;
    }

    /// <inheritdoc cref="Fail(string, string)"/>
    public readonly bool Fail(EventError problem) => Fail(problem.Name, problem.Message);

    private bool TakeWhole()
    {
        _offsets[0] = 0;
        IsWhole = true;
        return true;
    }

    private bool TakeFirst(ArgumentPlan plan)
    {
        if (plan.HasTail && plan.Count == 1)
        {
            TailAt = 0;
            TailCount = 1;
        }
        else
        {
            _offsets[0] = 0;
        }

        return true;
    }

    private bool TryLocateInMap(ArgumentPlan plan, ref PackReader reader)
    {
        if (plan.Whole == WholeData.Maps)
            return TakeWhole();
        reader.TryReadMapHeader(out var count);
        if (plan.Whole == WholeData.MapsUnlessWrapped)
        {
            if (count == 1 && reader.TryReadStringBytes(out var only) == MessagePackStatus.Ok && plan[0].Matches(only))
                WrappedAt = reader.Position;
            return TakeWhole();
        }

        IsByName = true;
        for (var i = 0; i < count; i++)
        {
            if (reader.TryReadStringBytes(out var name) != MessagePackStatus.Ok)
            {
                reader.TryPeekKind(out var kind);
                return Fail(ErrorNames.Type, BindingText.NameIsNoString(kind));
            }

            var index = plan.Find(name, i);
            if (index >= 0)
            {
                if (_offsets[index] >= 0)
                    return Fail(ErrorNames.Type, BindingText.Twice(plan[index].Text));
                _offsets[index] = reader.Position;
            }
            else if (!plan.HasExtra)
            {
                return Fail(ErrorNames.Type, BindingText.Unknown(name, plan));
            }

            // Nothing follows the last value, so its length is of no interest.
            if (i + 1 < count)
                reader.TrySkip(int.MaxValue);
        }

        return true;
    }

    private bool TryLocateInArray(ArgumentPlan plan, ref PackReader reader)
    {
        reader.TryReadArrayHeader(out var count);
        var places = plan.HasTail ? plan.Count - 1 : plan.Count;
        if (count > places && !plan.HasTail)
            return Fail(ErrorNames.Type, BindingText.TooMany(plan.Count, count));
        for (var i = 0; i < count && i < places; i++)
        {
            _offsets[i] = reader.Position;
            if (i + 1 < count)
                reader.TrySkip(int.MaxValue);
        }

        if (count > places)
        {
            TailAt = reader.Position;
            TailCount = count - places;
        }

        return true;
    }
}
