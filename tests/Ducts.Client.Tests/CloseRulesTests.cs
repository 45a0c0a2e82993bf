namespace Ducts.Client.Tests;

public sealed class CloseRulesTests
{
    [Theory]
    [InlineData(null, nameof(AfterClose.Resume))]
    [InlineData(1000, nameof(AfterClose.Resume))]
    [InlineData(1001, nameof(AfterClose.BeginAnew))]
    [InlineData(1002, nameof(AfterClose.Resume))]
    [InlineData(1005, nameof(AfterClose.Resume))]
    [InlineData(1006, nameof(AfterClose.Resume))]
    [InlineData(1007, nameof(AfterClose.Resume))]
    [InlineData(1008, nameof(AfterClose.Close))]
    [InlineData(1009, nameof(AfterClose.Resume))]
    [InlineData(1011, nameof(AfterClose.Resume))]
    [InlineData(1012, nameof(AfterClose.ResumeAtOnce))]
    [InlineData(1013, nameof(AfterClose.Resume))]
    [InlineData(1014, nameof(AfterClose.Resume))]
    [InlineData(4001, nameof(AfterClose.Close))]
    [InlineData(4002, nameof(AfterClose.BeginAnew))]
    [InlineData(4003, nameof(AfterClose.BeginAnew))]
    [InlineData(4004, nameof(AfterClose.Close))]
    [InlineData(4005, nameof(AfterClose.BeginAnew))]
    [InlineData(4401, nameof(AfterClose.BeginAnew))]
    [InlineData(4500, nameof(AfterClose.Resume))]
    public void Each_code_of_version_2_means_one_thing(int? code, string after) => Assert.Equal(after, CloseRules.Of(code, isResumable: true).ToString());

    [Theory]
    [InlineData(null, nameof(AfterClose.Resume))]
    [InlineData(1000, nameof(AfterClose.Close))]
    [InlineData(1001, nameof(AfterClose.Resume))]
    [InlineData(1008, nameof(AfterClose.Close))]
    [InlineData(1009, nameof(AfterClose.Resume))]
    [InlineData(1012, nameof(AfterClose.Resume))]
    [InlineData(4001, nameof(AfterClose.Close))]
    [InlineData(4002, nameof(AfterClose.Resume))]
    [InlineData(4005, nameof(AfterClose.BeginAnew))]
    [InlineData(4401, nameof(AfterClose.BeginAnew))]
    public void Each_code_of_version_1_means_what_it_did(int? code, string after) => Assert.Equal(after, CloseRules.Of(code, isResumable: false).ToString());
}
