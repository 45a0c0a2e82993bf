using Ducts.Scripting.Files;

namespace Ducts.Scripting.Tests;

public class HandlerFileNameTests
{
    [Theory]
    [InlineData("evt_1000_my_sample_test.cs", 1000, "MY_SAMPLE_TEST")]
    [InlineData("/a/b_7/evt_1000_x.cs", 1000, "X")]
    [InlineData("evt_v2_70100_neji_2.cs", 70100, "NEJI_2")]
    [InlineData("1000_x.cs", 1000, "X")]
    [InlineData("evt_1000.cs", 1000, "")]
    [InlineData("evt_1000__x.cs", 1000, "_X")]
    [InlineData("evt_007_bond.cs", 7, "BOND")]
    [InlineData("evt_hello.cs", null, "")]
    [InlineData("evt_1e3_x.cs", null, "")]
    [InlineData("evt_-5_x.cs", null, "")]
    [InlineData("evt_99999999999_x.cs", null, "")]
    [InlineData("evt_١٠٠٠_x.cs", null, "")]
    public void A_name_is_split_at_its_first_integer(string path, int? id, string key) =>
        Assert.Equal(new HandlerFileName(id, key), HandlerFileName.Parse(path));

    [Theory]
    [InlineData("ECHO", true)]
    [InlineData("A-B.C_1", true)]
    [InlineData("ÜBER", true)]
    [InlineData("", false)]
    [InlineData("..", false)]
    [InlineData(".X", false)]
    [InlineData("A/B", false)]
    [InlineData("A B", false)]
    [InlineData("A\nB", false)]
    [InlineData("{ID}", false)]
    public void A_key_can_stand_in_a_path(string key, bool expected) => Assert.Equal(expected, HandlerFileName.IsKey(key));
}
