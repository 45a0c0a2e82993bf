namespace Ducts.Scripting.Tests;

public class ModuleFileLoaderTests
{
    [Fact]
    public async Task A_module_is_the_one_class_of_its_file_and_may_use_helpers()
    {
        using var home = new HandlerHome();
        var path = home.Write("bot.cs", """
            public class Bot(ILogger<Bot> logger) : DuctsModule
            {
                public override async Task RunAsync(IModuleContext context, CancellationToken stopping)
                {
                    logger.LogInformation("{Text}", Words.Hello);
                    await context.Redis.ExecuteAsync("PING");
                }
            }
            """);
        home.Write("helper_words.cs", "static class Words { public const string Hello = \"hello\"; }");
        home.Write("other.cs", "this module does not compile");

        var module = await new ModuleFileLoader(home.Path, home.Log).LoadAsync(path);

        Assert.Empty(module.Problems);
        Assert.True(module.Type!.IsSubclassOf(typeof(DuctsModule)));
        Assert.Equal("Bot", module.Type.Name);
    }

    [Theory]
    [InlineData("public class Bot : DuctsModule { }", "CS0534")]
    [InlineData("public class Bot;", "the file has no class that derives from DuctsModule")]
    [InlineData("public class A : M; public class B : M; public abstract class M : DuctsModule { public override Task RunAsync(IModuleContext c, CancellationToken s) => Task.CompletedTask; }", "the file has 2 module classes (A, B)")]
    [InlineData("public class A<T> : DuctsModule { public override Task RunAsync(IModuleContext c, CancellationToken s) => Task.CompletedTask; }", "A<T> has type parameters")]
    public async Task What_is_no_module_is_explained(string text, string reason)
    {
        using var home = new HandlerHome();
        var path = home.Write("bot.cs", text);

        var module = await new ModuleFileLoader(home.Path, home.Log).LoadAsync(path);

        Assert.Null(module.Type);
        var problem = Assert.Single(module.Problems);
        Assert.Equal((path, 1), (problem.Source, problem.Line));
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_module_that_is_not_there_is_a_problem()
    {
        using var home = new HandlerHome();

        var module = await new ModuleFileLoader(home.Path, home.Log).LoadAsync(Path.Combine(home.Path, "none.cs"));

        Assert.Contains("there is no such file", Assert.Single(module.Problems).Message, StringComparison.Ordinal);
    }
}
