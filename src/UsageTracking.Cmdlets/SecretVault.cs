using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Net;
using System.Security;
using UsageTracking.Profiles;

namespace UsageTracking.Cmdlets;

/// <summary>Keeps secrets in the vaults of the module Microsoft.PowerShell.SecretManagement, where that is installed.</summary>
internal sealed class SecretVault(PSCmdlet cmdlet) : ISecretVault
{
    private const string Module = "Microsoft.PowerShell.SecretManagement";

    // Their names and secrets are arguments, never text of a script. Whether to go on was asked before.
    private static readonly ScriptBlock GetVaultsScript = ScriptBlock.Create($"{Module}\\Get-SecretVault -ErrorAction Stop");
    private static readonly ScriptBlock SetScript = ScriptBlock.Create(
        $"param($Name, $Secret, $Vault) {Module}\\Set-Secret -Name $Name -Secret $Secret -Vault $Vault -Confirm:$false -WhatIf:$false -ErrorAction Stop");
    private static readonly ScriptBlock GetScript = ScriptBlock.Create(
        $"param($Name, $Vault) {Module}\\Get-Secret -Name $Name -Vault $Vault -ErrorAction Stop");
    private static readonly ScriptBlock RemoveScript = ScriptBlock.Create(
        $"param($Name, $Vault) {Module}\\Remove-Secret -Name $Name -Vault $Vault -Confirm:$false -WhatIf:$false -ErrorAction Stop");

    public IReadOnlyList<SecretVaultName>? GetVaults()
    {
        if (cmdlet.InvokeCommand.GetCommand($"{Module}\\Get-SecretVault", CommandTypes.Function | CommandTypes.Cmdlet) is null)
            return null;

        return [.. Run("SecretManagement does not say which vaults it has", "SecretManagement", GetVaultsScript)
            .Select(v => new SecretVaultName($"{v.Properties["Name"]?.Value}", v.Properties["IsDefault"]?.Value is true))];
    }

    public void Set(string vault, string name, string secret)
    {
        using SecureString secure = new NetworkCredential("", secret).SecurePassword;
        Run($"The vault {vault} does not take the secret {name}", name, SetScript, name, secure, vault);
    }

    public string Get(string vault, string name)
    {
        string failure = $"The vault {vault} does not give the secret {name}";
        // Somebody may have put another one there, as a text or with a user.
        return Run(failure, name, GetScript, name, vault).FirstOrDefault()?.BaseObject switch
        {
            SecureString secure => new NetworkCredential("", secure).Password,
            string text => text,
            PSCredential credential => credential.GetNetworkCredential().Password,
            _ => throw Failed($"{failure}: there is none, or it is no password.", name, null),
        };
    }

    public void Remove(string vault, string name) => Run($"The vault {vault} does not remove the secret {name}", name, RemoveScript, name, vault);

    private Collection<PSObject> Run(string failure, string target, ScriptBlock script, params object[] arguments)
    {
        try
        {
            return cmdlet.InvokeCommand.InvokeScript(useLocalScope: true, script, input: null, arguments);
        }
        catch (RuntimeException cause) when (cause is not PipelineStoppedException)
        {
            throw Failed($"{failure}: {cause.Message}", target, cause);
        }
    }

    private static UsageException Failed(string message, string target, Exception? cause) =>
        new(UsageErrorKind.StoreNotReady, "SecretVaultFailed", message, target, cause);
}
