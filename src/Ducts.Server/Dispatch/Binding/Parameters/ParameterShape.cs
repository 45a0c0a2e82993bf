using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using Ducts.Redis;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>One parameter of a handler, as far as its declaration tells without looking into types.</summary>
// Threading: immutable but for the nullability, which is looked up at the first use; two threads may do so at once.
internal sealed class ParameterShape
{
    private bool? _acceptsNull;

    public ParameterShape(ParameterInfo info)
    {
        Info = info;
        Name = new ArgumentName(info.Name ?? $"arg{info.Position}");
        Source = SourceOf(info);
        IsTail = Source == ParameterSource.Data
            && (info.IsDefined(typeof(ParamArrayAttribute), inherit: false) || info.IsDefined(typeof(ParamCollectionAttribute), inherit: false));
    }

    public ParameterInfo Info { get; }

    public Type Type => Info.ParameterType;

    public ArgumentName Name { get; }

    public ParameterSource Source { get; }

    /// <summary>Whether it is declared with <c>params</c>.</summary>
    public bool IsTail { get; }

    public bool HasDefault => Info.HasDefaultValue || Info.IsOptional;

    /// <summary>
    /// Whether null is good: a nullable value, or a reference that is not declared as never null. Code without nullable
    /// annotations says nothing, and is taken to allow it, as ASP.NET Core does.
    /// </summary>
    public bool AcceptsNull => _acceptsNull ??= Type.IsValueType
        ? Nullable.GetUnderlyingType(Type) is not null
        : new NullabilityInfoContext().Create(Info).WriteState != NullabilityState.NotNull;

    public bool IsOptional => HasDefault || AcceptsNull;

    public bool IsRequired => !IsOptional && !IsTail;

    /// <summary>The default value; of the type's own when none is declared.</summary>
    /// <typeparam name="T">The parameter's type.</typeparam>
    public T? DefaultOf<T>()
    {
        if (!Info.HasDefaultValue)
            return default;
        var type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        return Info.DefaultValue switch
        {
            T value => value,
            null or Missing or DBNull => default,
            var value when type.IsEnum => (T)Enum.ToObject(type, value),
            var value => (T)Convert.ChangeType(value, type, CultureInfo.InvariantCulture),
        };
    }

    /// <summary>What is wrong with the parameter, or null.</summary>
    public string? Problem()
    {
        if (Type.IsByRef)
            return "ref, in and out have no meaning for a request; pass it by value";
        if (Type.IsByRefLike || Type.IsPointer || Type.IsFunctionPointer)
            return $"{TypeText.Of(Type)} cannot be kept for the length of a request; take a string, an array or ReadOnlyMemory<T>";
        if (Source == ParameterSource.Extra)
            return ExtraProblem();
        return Source == ParameterSource.Data ? DataProblem() : null;
    }

    private string? ExtraProblem()
    {
        var isMap = Type.IsGenericType
            && Type.GetGenericArguments() is [var key, _]
            && key == typeof(string)
            && typeof(IEnumerable).IsAssignableFrom(Type);
        return isMap ? null : $"[Extra] is for a dictionary such as IReadOnlyDictionary<string, object?>, not for {TypeText.Of(Type)}";
    }

    private string? DataProblem()
    {
        if (typeof(Delegate).IsAssignableFrom(Type) || typeof(Task).IsAssignableFrom(Type) || typeof(Stream).IsAssignableFrom(Type))
            return $"{TypeText.Of(Type)} cannot come from a request";
        if (Type.IsInterface && !typeof(IEnumerable).IsAssignableFrom(Type) && !HasJsonAttribute(Type))
            return $"{TypeText.Of(Type)} cannot come from a request; mark it [FromServices], or take it in the constructor";
        if (Type.Namespace?.StartsWith("Microsoft.AspNetCore.Http", StringComparison.Ordinal) == true)
            return $"{TypeText.Of(Type)} is there only in methods marked [WebApi]";
        return null;
    }

    // An interface with one of these has a contract that says what is made of the data.
    private static bool HasJsonAttribute(Type type) =>
        type.CustomAttributes.Any(attribute => attribute.AttributeType.Namespace == "System.Text.Json.Serialization");

    private static ParameterSource SourceOf(ParameterInfo info)
    {
        // Most parameters of most handlers have no attribute; reading them all would cost more than asking.
        var attributes = info.GetCustomAttributesData().Count == 0 ? [] : info.GetCustomAttributes(inherit: false);
        if (Array.Exists(attributes, each => each is FromKeyedServicesAttribute))
            return ParameterSource.KeyedService;
        if (Array.Exists(attributes, each => each is IFromServiceMetadata))
            return ParameterSource.Service;
        if (Array.Exists(attributes, each => each is ExtraAttribute))
            return ParameterSource.Extra;
        var type = info.ParameterType;
        return type == typeof(CancellationToken) ? ParameterSource.CancellationToken
            : type == typeof(IEventSession) ? ParameterSource.Session
            : type == typeof(DuctsEvent) ? ParameterSource.Event
            : type == typeof(IRedisClient) ? ParameterSource.Redis
            : type == typeof(ClaimsPrincipal) ? ParameterSource.User
            : type == typeof(IServiceProvider) ? ParameterSource.Services
            : ParameterSource.Data;
    }
}

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

    /// <summary>A service of the container; one that may be null is null when it is not registered.</summary>
    Service,

    /// <summary>A keyed service of the container.</summary>
    KeyedService,
}
