using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ducts.Dispatch.Binding;
using Ducts.MessagePack;

namespace Ducts.Tests.Dispatch.Binding;

/// <summary>A reload replaces handlers' code; what binding keeps must not hold the old.</summary>
[Collection(Ducts.Tests.Support.Alone.Name)]
public class UnloadTests
{
    public sealed record Parcel(string To, List<Weight> Parts);

    public sealed record Weight(int Grams);

    public sealed class Weighs : DuctsHandler
    {
        public object Handle(Parcel parcel) => new Weight(parcel.Parts.Sum(part => part.Grams));
    }

    [Fact]
    public async Task Code_of_a_handler_that_was_called_can_be_unloaded()
    {
        var code = await LoadAndCallAsync();

        for (var round = 0; code.IsAlive && round < 200; round++)
        {
            // System.Text.Json keeps accessors of types for a second and drops them when it next makes one for another type.
            _ = new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() }.GetTypeInfo(typeof(Parcel));
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Delay(10);
        }

        Assert.False(code.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> LoadAndCallAsync()
    {
        var context = new AssemblyLoadContext("handlers", isCollectible: true);
        var type = context.LoadFromAssemblyPath(typeof(Weighs).Assembly.Location).GetType(typeof(Weighs).FullName!)!;
        Assert.NotSame(typeof(Weighs), type);
        var handler = (DuctsHandler)Activator.CreateInstance(type)!;
        var options = new PackSerializerOptions(new JsonSerializerOptions(JsonSerializerDefaults.Web));

        Assert.Equal("reply {'grams':7}", await Calls.CallAsync(HandlerSignature.Of(type), handler, "{'to':'Ann','parts':[{'grams':3},{'grams':4}]}", options));

        context.Unload();
        return new WeakReference(type.Assembly);
    }
}
