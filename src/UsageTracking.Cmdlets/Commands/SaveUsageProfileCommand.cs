using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Profiles;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsData.Save, "UsageProfile", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(UsageProfile))]
public sealed class SaveUsageProfileCommand : StoreAddressCmdlet
{
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string Name { get; set; } = "";

    [Parameter]
    public ProfileSecretStore SecretStore { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Vault { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        NewProfile profile = ProfileStores.Describe(
            Name, CreateStore() ?? Session.Connection.Store, CustomerId, TimeZone, Environment.GetEnvironmentVariable);
        ProfileBook book = ProfileStores.OpenBook(new SecretVault(this));
        if (!Force)
            book.CheckFree(profile.Name);

        SecretPlace? place = book.Choose(profile, SecretStore, Vault);
        if (!ShouldProcess($"{profile.Name} ({profile.Address})", place is null ? "save the profile" : $"save the profile, and its password in {place}"))
            return;

        UsageProfile saved = book.Save(profile, place, Force);
        if (place?.Warning is { } warning)
            WriteWarning(warning);

        if (PassThru)
            WriteObject(saved);
    }
}
