namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>Where a parameter's value comes from.</summary>
internal enum ParameterSource
{
    /// <summary>The request's data: an argument.</summary>
    Data,

    /// <summary>The names in the request's data that bind nothing else.</summary>
    Extra,

    Event,
    Session,
    Redis,
    CancellationToken,
    User,
    Services,

    /// <summary>A service of the container.</summary>
    Service,

    /// <summary>A keyed service of the container.</summary>
    KeyedService,
}
