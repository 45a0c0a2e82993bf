// The builder of a method does not change what it does. Named as those of the framework and nearer to the sources, these types
// make the compiler take the usual builder, which Coyote knows.
namespace Ducts.Connections;

[AttributeUsage(AttributeTargets.Method)]
internal sealed class AsyncMethodBuilderAttribute(Type builder) : Attribute
{
    public Type Builder => builder;
}

internal static class PoolingAsyncValueTaskMethodBuilder<T>;
