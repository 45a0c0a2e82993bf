using System.Globalization;
using System.Reflection;
using Ducts.MessagePack;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>Makes what binds the parameters of one method.</summary>
internal sealed class ParameterFactory(MessagePackSerializerOptions options)
{
    private static readonly MethodInfo Typed = typeof(ParameterFactory).GetMethod(nameof(CreateTyped), BindingFlags.NonPublic | BindingFlags.Instance)!;

    private readonly ArgumentKinds _kinds = new(options.Json);

    /// <summary>How the arguments lie in a request's data.</summary>
    public ArgumentPlan Plan(IReadOnlyList<ParameterShape> shapes)
    {
        ParameterShape[] arguments = [.. shapes.Where(each => each.Source == ParameterSource.Data)];
        var hasExtra = shapes.Any(each => each.Source == ParameterSource.Extra);
        return new([.. arguments.Select(each => each.Name)])
        {
            Whole = arguments.Length == 1 && !hasExtra ? WholeOf(arguments[0]) : WholeData.Never,
            HasTail = arguments.Length > 0 && arguments[^1].IsTail,
            HasExtra = hasExtra,
            TakesAnything = arguments.Length == 0 && !hasExtra && shapes.Any(each => each.Source == ParameterSource.Event),
        };
    }

    public Parameter[] Create(IReadOnlyList<ParameterShape> shapes, ArgumentPlan plan)
    {
        var parameters = new Parameter[shapes.Count];
        var arguments = 0;
        for (var i = 0; i < parameters.Length; i++)
        {
            var shape = shapes[i];
            var index = shape.Source == ParameterSource.Data ? arguments++ : -1;
            parameters[i] = Given(shape.Source)
                ?? (Parameter)Typed.MakeGenericMethod(shape.Type).Invoke(this, BindingFlags.DoNotWrapExceptions, null, [shape, index, plan], null)!;
        }

        return parameters;
    }

    private static Parameter? Given(ParameterSource source) => source switch
    {
        ParameterSource.Event => new GivenParameter<DuctsEvent>(static target => target.GetEvent()),
        ParameterSource.Session => new GivenParameter<IEventSession>(static target => target.GetSession()),
        ParameterSource.Redis => new GivenParameter<Redis.IRedisClient>(static target => target.Redis),
        ParameterSource.CancellationToken => new GivenParameter<CancellationToken>(static target => target.GetCancellationToken()),
        ParameterSource.User => new GivenParameter<System.Security.Claims.ClaimsPrincipal>(static target => target.User),
        ParameterSource.Services => new GivenParameter<IServiceProvider>(static target => target.Services),
        _ => null,
    };

    private static bool IsOptional(ParameterShape shape) => shape.HasDefault || shape.AcceptsNull;

    private static T DefaultOf<T>(ParameterShape shape)
    {
        var type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        return shape.Info.HasDefaultValue ? shape.Info.DefaultValue switch
        {
            T value => value,
            null or Missing or DBNull => default!,
            var value when type.IsEnum => (T)Enum.ToObject(type, value),
            var value => (T)Convert.ChangeType(value, type, CultureInfo.InvariantCulture),
        }
        : default!;
    }

    private WholeData WholeOf(ParameterShape shape) => _kinds.Of(shape.Type) switch
    {
        ArgumentKind.Any => WholeData.Always,
        ArgumentKind.List => WholeData.Arrays,
        ArgumentKind.Dictionary => WholeData.Maps,
        ArgumentKind.Record => WholeData.MapsUnlessWrapped,
        _ => WholeData.Never,
    };

    private Parameter CreateTyped<T>(ParameterShape shape, int index, ArgumentPlan plan)
    {
        switch (shape.Source)
        {
            case ParameterSource.Service:
                return new ServiceParameter<T>(IsOptional(shape));
            case ParameterSource.KeyedService:
                return new KeyedServiceParameter<T>(shape.Info.GetCustomAttribute<FromKeyedServicesAttribute>()!.Key, IsOptional(shape));
            case ParameterSource.Extra:
                return new ExtraParameter<T>(plan, shape.Name, options.GetConverter<T>());
        }

        var kind = _kinds.Of(typeof(T));
        var traits = new ArgumentTraits<T>(
            index,
            shape.Name,
            ArgumentKinds.ExpectedBy(typeof(T), kind),
            shape.AcceptsNull,
            shape.HasDefault,
            DefaultOf<T>(shape),
            ArgumentKinds.HoldsNull(typeof(T)));
        var converter = options.GetConverter<T>();
        if (shape.IsTail)
            return new TailParameter<T>(traits, converter);
        return plan.Whole == WholeData.MapsUnlessWrapped
            ? new RecordParameter<T>(traits, converter, _kinds.HasMember(typeof(T), shape.Name))
            : new DataParameter<T>(traits, converter);
    }
}
