using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Loader;

namespace Ducts.Handlers;

public sealed class AssemblyHandlerSourceTests
{
    [Fact]
    public async Task Classes_that_look_like_handlers_and_are_not_loaded_are_named()
    {
        var set = await new AssemblyHandlerSource(Emit(static module =>
        {
            Define(module, "Loaded", TypeAttributes.Public, typeof(DuctsHandler), 1000);
            Define(module, "Hidden", TypeAttributes.NotPublic, typeof(DuctsHandler), 1001);
            Define(module, "Forgotten", TypeAttributes.Public, typeof(DuctsHandler), null);
            Define(module, "HiddenAndForgotten", TypeAttributes.NotPublic, typeof(DuctsHandler), null);
            var shared = Define(module, "Shared", TypeAttributes.Public, typeof(DuctsHandler), null);
            Define(module, "Derived", TypeAttributes.Public, shared, 1002);
            Define(module, "Abstract", TypeAttributes.Public | TypeAttributes.Abstract, typeof(DuctsHandler), null);
            Define(module, "Unrelated", TypeAttributes.Public, typeof(object), null);
        })).LoadAsync(CancellationToken.None);

        Assert.Equal(["Loaded", "Derived"], set.Candidates.Select(static candidate => candidate.Type.Name));
        Assert.Equal(
            "Emitted: Hidden has [Event] but is not public, so that it is not loaded: make it public, and the types that it is nested in",
            Assert.Single(set.Problems).ToString());
        Assert.Equal(
            [
                "Emitted: Forgotten derives from DuctsHandler but has no [Event], so that it answers nothing: add [Event(id, key)], or make it abstract if it is a base class",
                "Emitted: HiddenAndForgotten derives from DuctsHandler but has no [Event], so that it answers nothing: add [Event(id, key)], or make it abstract if it is a base class",
            ],
            set.Warnings.Select(static warning => warning.ToString()));
    }

    private static TypeBuilder Define(ModuleBuilder module, string name, TypeAttributes attributes, Type parent, int? id)
    {
        var type = module.DefineType(name, attributes | TypeAttributes.Class, parent);
        type.DefineDefaultConstructor(MethodAttributes.Public);
        if (id is not null)
        {
            type.SetCustomAttribute(new CustomAttributeBuilder(typeof(EventAttribute).GetConstructors()[0], [id, name.ToUpperInvariant()]));
        }

        type.CreateType();
        return type;
    }

    private static Assembly Emit(Action<ModuleBuilder> define)
    {
        var builder = new PersistedAssemblyBuilder(new AssemblyName("Emitted"), typeof(object).Assembly);
        define(builder.DefineDynamicModule("Emitted"));
        using var image = new MemoryStream();
        builder.Save(image);
        image.Position = 0;
        return new AssemblyLoadContext("emitted", isCollectible: true).LoadFromStream(image);
    }
}
