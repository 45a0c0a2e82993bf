using Ducts.Handlers;

namespace Ducts.Scripting.Tests;

public class HandlerFolderTests
{
    [Fact]
    public async Task A_file_gives_a_handler_with_the_id_and_key_of_its_name()
    {
        using var home = new HandlerHome();
        var path = home.Write("evt_1000_my_sample_test.cs", """
            public class MySampleTest : DuctsHandler
            {
                public string Handle(string name) => $"Hello, {name}!";
            }
            """);

        var set = await home.LoadAsync();

        Assert.Empty(set.Problems);
        var candidate = Assert.Single(set.Candidates);
        Assert.Equal((1000, "MY_SAMPLE_TEST", path), (candidate.Id, candidate.Key, candidate.Source));
        Assert.Equal("MySampleTest", candidate.Type.Name);
        Assert.True(candidate.Type.IsSubclassOf(typeof(DuctsHandler)));
    }
}
