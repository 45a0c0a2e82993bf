namespace Ducts;

/// <summary>
/// Runs a filter around one event, on the class of its handler, its <c>Handle</c> method, or a mapped function. The filter comes
/// from the request's services if it is one of them; otherwise the server creates one for each request, with services as
/// constructor arguments, and disposes it when the request has been answered, before those services.
/// </summary>
/// <typeparam name="TFilter">The filter's class.</typeparam>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class EventFilterAttribute<TFilter> : Attribute, IEventFilterReference
    where TFilter : IEventFilter
{
    Type IEventFilterReference.FilterType => typeof(TFilter);
}

/// <summary>Names a filter by its type.</summary>
internal interface IEventFilterReference
{
    Type FilterType { get; }
}
