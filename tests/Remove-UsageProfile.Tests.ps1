BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/ProfileHelpers.ps1
    $text = 'Host=db.example;Database=usage;Username=bob;Password=hunter2'
}

Describe 'Remove-UsageProfile' {
    BeforeEach { Clear-Profile }
    AfterAll { Clear-Profile }

    It 'takes names in any case, wildcards, and profiles from the pipeline' {
        'a1', 'a2', 'b', 'c' | ForEach-Object { Save-UsageProfile $_ $TestDrive/$_.db }
        Remove-UsageProfile A*
        (Get-UsageProfile).Name | Should -Be b, c
        Get-UsageProfile b | Remove-UsageProfile
        (Get-UsageProfile).Name | Should -Be c
    }

    It 'removes its password from the file, and no other''s' {
        Save-UsageProfile a -ConnectionString $text -SecretStore File
        Save-UsageProfile b -ConnectionString $text -SecretStore File
        Remove-UsageProfile a
        (Get-Content $secretFile -Raw | ConvertFrom-Json).PSObject.Properties.Name | Should -Be UsageTracking-b
    }

    It 'removes its password from the vault' {
        Enable-SecretManagement main, spare
        Save-UsageProfile a -ConnectionString $text -Vault spare
        Remove-UsageProfile a
        Microsoft.PowerShell.SecretManagement\Get-Secret UsageTracking-a -Vault spare -ErrorAction Ignore | Should -BeNullOrEmpty
        Get-UsageProfile | Should -BeNullOrEmpty
    }

    It 'removes a profile whose vault is gone, says that its password may be left, and goes on' {
        Enable-SecretManagement main
        Save-UsageProfile a -ConnectionString $text
        Save-UsageProfile b $TestDrive/b.db
        Microsoft.PowerShell.SecretManagement\Unregister-SecretVault main
        Remove-UsageProfile a, b -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem.FullyQualifiedErrorId | Select-Object -Last 1 | Should -BeLike 'SecretVaultFailed,*'
        "$($problem[-1])" | Should -BeLike '*main*UsageTracking-a*'
        Get-UsageProfile | Should -BeNullOrEmpty
    }

    It 'leaves a line of the password file that another profile needs, and removes it with the last' {
        $env:PGPASSFILE = Join-Path $TestDrive pgpass
        try {
            Save-UsageProfile a -ConnectionString $text -SecretStore PgPass
            Save-UsageProfile b -ConnectionString $text -SecretStore PgPass
        }
        finally { $env:PGPASSFILE = $null }
        Remove-UsageProfile a
        Get-Content $TestDrive/pgpass | Should -Be 'db.example:5432:usage:bob:hunter2'
        Remove-UsageProfile b
        Get-Content $TestDrive/pgpass | Should -BeNullOrEmpty
    }

    It 'removes nothing with -WhatIf' {
        Save-UsageProfile a -ConnectionString $text -SecretStore File
        Get-HostText { Remove-UsageProfile a -WhatIf } | Should -BeLike '*a (postgresql://db.example:5432/usage)*'
        (Get-UsageProfile).Name | Should -Be a
        $secretFile | Should -FileContentMatch hunter2
    }

    It 'has an error for each name of no profile, and goes on' {
        Save-UsageProfile a $TestDrive/a.db
        Remove-UsageProfile nosuch, a -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem.FullyQualifiedErrorId | Should -BeLike 'ProfileNotFound,*'
        Get-UsageProfile | Should -BeNullOrEmpty
    }
}
