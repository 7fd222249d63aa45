namespace UsageTracking.Profiles;

/// <summary>Where the password of a profile is kept.</summary>
public enum ProfileSecretStore
{
    /// <summary>In a vault of SecretManagement where one is set up, else in a file.</summary>
    Auto,

    /// <summary>In a vault of the module Microsoft.PowerShell.SecretManagement.</summary>
    SecretManagement,

    /// <summary>In a file that only its owner can read.</summary>
    File,

    /// <summary>In a line of the password file of PostgreSQL.</summary>
    PgPass,
}
