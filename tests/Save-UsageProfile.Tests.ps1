BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/ProfileHelpers.ps1
    $secret = 'hunter2:\é'
    $credential = Get-TestCredential bob $secret
    $server = @{ HostName = 'db.example'; Database = 'usage'; Credential = $credential }
}

Describe 'Save-UsageProfile' {
    BeforeEach { Clear-Profile }
    AfterAll { Clear-Profile; Disconnect-UsageStore }

    It 'saves a file by position, by its full path, with customer and zone, and writes it only with -PassThru' {
        Push-Location $TestDrive
        try {
            Save-UsageProfile home ./home.db -CustomerId acme -TimeZone Europe/London | Should -BeNullOrEmpty
            $saved = Save-UsageProfile other ./home.db -PassThru
        }
        finally { Pop-Location }
        $saved.Name, $saved.Kind, $saved.SecretStore | Should -Be other, Sqlite, $null
        $home1 = Get-UsageProfile home
        $home1.Address | Should -Be (Join-Path $TestDrive home.db)
        $home1.CustomerId, $home1.TimeZone | Should -Be acme, Europe/London
        # It is not made before somebody connects it.
        Join-Path $TestDrive home.db | Should -Not -Exist
        $secretFile | Should -Not -Exist
    }

    It 'saves the store in use where none is named' {
        Connect-UsageStore $TestDrive/inuse.db
        (Save-UsageProfile inuse -PassThru).Address | Should -Be (Join-Path $TestDrive inuse.db)
        $env:USAGE_STORE = 'postgresql://bob:hunter2@db.example/usage'
        try {
            Disconnect-UsageStore
            (Save-UsageProfile env -SecretStore File -PassThru).Address | Should -Be 'postgresql://db.example:5432/usage'
        }
        finally { $env:USAGE_STORE = $null; Disconnect-UsageStore }
        (Get-Content $secretFile -Raw | ConvertFrom-Json).'UsageTracking-env' | Should -Be hunter2
    }

    It 'takes no password from a connection without one, and needs no place for it' {
        $saved = Save-UsageProfile plain -ConnectionString postgresql://bob@db.example/usage -PassThru -WarningVariable warning
        $saved.Address, $saved.SecretStore | Should -Be 'postgresql://db.example:5432/usage', $null
        $warning | Should -BeNullOrEmpty
        $secretFile | Should -Not -Exist
    }

    It 'keeps the password in a file of its own where there is no SecretManagement, and warns once' {
        $saved = Save-UsageProfile prod @server -PassThru -WarningVariable warning -WarningAction SilentlyContinue
        $saved.SecretStore | Should -Be File
        $warning | Should -HaveCount 1
        "$warning" | Should -BeLike "*$secretFile*administrator*"
        (Get-Content $secretFile -Raw | ConvertFrom-Json).'UsageTracking-prod' | Should -BeExactly $secret
        Get-Content $profileFolder/profiles.json -Raw | Should -Not -Match hunter2
    }

    It 'does not warn of the file where it was asked for' {
        Save-UsageProfile prod @server -SecretStore File -WarningVariable warning
        $warning | Should -BeNullOrEmpty
    }

    It 'makes files that only their owner can read' -Skip:$IsWindows {
        Save-UsageProfile prod @server -SecretStore File
        (Get-Item $profileFolder/profile*).UnixMode | Sort-Object -Unique | Should -Be '-rw-------'
        Get-ChildItem $profileFolder -Force -Filter *.tmp | Should -BeNullOrEmpty
    }

    It 'refuses a file of passwords that others could read, and says chmod 600' -Skip:$IsWindows {
        Save-UsageProfile prod @server -SecretStore File
        chmod 640 $secretFile
        { Save-UsageProfile next @server -SecretStore File } | Should -Throw "*chmod 600 '$secretFile'*" -ErrorId 'SecretFileExposed,*'
        { Connect-UsageStore -Profile prod } | Should -Throw -ErrorId 'SecretFileExposed,*'
        Get-UsageProfile next -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'keeps the password in the default vault of SecretManagement where there is one' {
        Enable-SecretManagement main, spare
        $saved = Save-UsageProfile Prod @server -PassThru -WarningVariable warning
        $saved.SecretStore | Should -Be SecretManagement
        $warning | Should -BeNullOrEmpty
        Microsoft.PowerShell.SecretManagement\Get-Secret UsageTracking-prod -Vault main -AsPlainText | Should -BeExactly $secret
        $secretFile | Should -Not -Exist
    }

    It 'keeps it in the vault that is named' {
        Enable-SecretManagement main, spare
        Save-UsageProfile prod @server -Vault spare
        Microsoft.PowerShell.SecretManagement\Get-Secret UsageTracking-prod -Vault spare -AsPlainText | Should -BeExactly $secret
    }

    It 'keeps it in the file where SecretManagement has no default vault' {
        Enable-SecretManagement
        (Save-UsageProfile prod @server -PassThru -WarningAction Ignore).SecretStore | Should -Be File
    }

    It 'says what is missing, and saves nothing: <Id> for <Given.Keys>' -ForEach @(
        @{ Id = 'SecretManagementNotFound'; Given = @{ SecretStore = 'SecretManagement' }; Vaults = $null }
        @{ Id = 'SecretManagementNotFound'; Given = @{ Vault = 'main' }; Vaults = $null }
        @{ Id = 'SecretVaultNotFound'; Given = @{ SecretStore = 'SecretManagement' }; Vaults = @() }
        @{ Id = 'SecretVaultNotFound'; Given = @{ Vault = 'nosuch' }; Vaults = @('main') }
        @{ Id = 'SecretVaultFailed'; Given = @{ Vault = 'broken' }; Vaults = @('broken') }
        @{ Id = 'InvalidSecretStore'; Given = @{ Vault = 'main'; SecretStore = 'File' }; Vaults = @('main') }
        @{ Id = 'InvalidProfileName'; Given = @{ Name = 'a/b' }; Vaults = @('main') }
        @{ Id = 'InvalidCustomerId'; Given = @{ CustomerId = 'a*' }; Vaults = @('main') }
        @{ Id = 'InvalidTimeZone'; Given = @{ TimeZone = 'Mars/Olympus' }; Vaults = @('main') }
    ) {
        if ($null -ne $Vaults) { Enable-SecretManagement $Vaults }
        $arguments = @{ Name = 'prod' } + $server
        $Given.Keys | ForEach-Object { $arguments[$_] = $Given[$_] }
        { Save-UsageProfile @arguments } | Should -Throw -ErrorId "$Id,*"
        Get-UsageProfile | Should -BeNullOrEmpty
    }

    It 'refuses a password of a key' {
        { Save-UsageProfile tls -ConnectionString 'Host=db.example;Username=bob;SSL Password=hunter2' } |
            Should -Throw '*SSL Password*' -ErrorId 'UnsupportedSecret,*'
        Get-UsageProfile | Should -BeNullOrEmpty
    }

    It 'keeps a profile of the same name, in any case, unless -Force replaces it, and its password with it' {
        Save-UsageProfile prod @server -SecretStore File
        { Save-UsageProfile PROD $TestDrive/other.db } | Should -Throw '*-Force*' -ErrorId 'ProfileExists,*'
        (Get-UsageProfile prod).Kind | Should -Be PostgreSql
        Save-UsageProfile PROD $TestDrive/other.db -Force
        (Get-UsageProfile).Name | Should -BeExactly PROD
        (Get-UsageProfile).Kind | Should -Be Sqlite
        Get-Content $secretFile -Raw | Should -Not -Match hunter2
    }

    It 'saves nothing with -WhatIf' {
        $said = Get-HostText { Save-UsageProfile prod @server -WhatIf }
        $said | Should -BeLike '*prod (postgresql://db.example:5432/usage)*'
        $said | Should -Not -BeLike '*hunter2*'
        Get-UsageProfile | Should -BeNullOrEmpty
        $secretFile | Should -Not -Exist
    }

    Context 'in PostgreSQL''s password file' {
        BeforeEach {
            $passFile = Join-Path $TestDrive ([guid]::NewGuid())
            $env:PGPASSFILE = $passFile
            $lines = "# Mine`r`n*:*:*:*:any`ndb.example:5433:usage:bob:x\:y`nlast"
            [System.IO.File]::WriteAllText($passFile, $lines)
            if (-not $IsWindows) { chmod 600 $passFile }
        }
        AfterAll { $env:PGPASSFILE = $null }

        It 'writes a line before those of wildcards, escaped, and keeps all others' {
            (Save-UsageProfile prod @server -SecretStore PgPass -PassThru).SecretStore | Should -Be PgPass
            [System.IO.File]::ReadAllText($passFile) | Should -BeExactly "db.example:5432:usage:bob:hunter2\:\\é`n$lines"
            $secretFile | Should -Not -Exist
            Remove-UsageProfile prod
            [System.IO.File]::ReadAllText($passFile) | Should -BeExactly $lines
        }

        It 'makes the file, readable by its owner only' {
            Remove-Item $passFile
            Save-UsageProfile prod @server -SecretStore PgPass
            if (-not $IsWindows) { (Get-Item $passFile).UnixMode | Should -Be '-rw-------' }
        }

        It 'leaves another password for the same user alone unless -Force is given' {
            $other = Get-TestCredential bob other
            { Save-UsageProfile prod -HostName db.example -Port 5433 -Database usage -Credential $other -SecretStore PgPass } |
                Should -Throw '*-Force*' -ErrorId 'PgPassEntryExists,*'
            [System.IO.File]::ReadAllText($passFile) | Should -BeExactly $lines
            Save-UsageProfile prod -HostName db.example -Port 5433 -Database usage -Credential $other -SecretStore PgPass -Force
            [System.IO.File]::ReadAllText($passFile) | Should -BeExactly $lines.Replace('x\:y', 'other')
        }

        It 'does not remove a line that was there before' {
            $same = Get-TestCredential bob 'x:y'
            Save-UsageProfile prod -HostName db.example -Port 5433 -Database usage -Credential $same -SecretStore PgPass
            Remove-UsageProfile prod
            [System.IO.File]::ReadAllText($passFile) | Should -BeExactly $lines
        }

        It 'refuses a file that others could read' -Skip:$IsWindows {
            chmod 644 $passFile
            { Save-UsageProfile prod @server -SecretStore PgPass } | Should -Throw '*chmod 600*' -ErrorId 'SecretFileExposed,*'
        }

        It 'needs a user' {
            { Save-UsageProfile prod -ConnectionString 'Host=db.example;Password=hunter2' -SecretStore PgPass } | Should -Throw -ErrorId 'InvalidSecretStore,*'
        }
    }
}

Describe 'Profiles' {
    BeforeEach { Clear-Profile }
    AfterAll { Clear-Profile; Disconnect-UsageStore }

    It 'never show the password kept in <Place>' -ForEach @(
        @{ Place = 'File' }, @{ Place = 'SecretManagement' }, @{ Place = 'PgPass' }, @{ Place = 'Auto' }
    ) {
        if ($Place -eq 'SecretManagement') { Enable-SecretManagement main }
        $env:PGPASSFILE = Join-Path $TestDrive "pass-$Place"
        # An error shows the line that made it, so that the lines below must not have it.
        $text = 'Host=127.0.0.1;Port=1;Database=away;Username=bob;Password=hunter2'
        $keyText = 'Host=127.0.0.1;SSL Password=hunter2'
        $damaged = '{ "UsageTracking-s": hunter2'
        $credential = Get-TestCredential bob hunter2
        try {
            $said = Get-EverythingSaid {
                # -Debug alone would ask at each warning.
                $all = @{ Verbose = $true; Debug = $true; WarningAction = 'Continue' }
                Save-UsageProfile p -ConnectionString $text -SecretStore $Place -WhatIf @all
                Save-UsageProfile p -ConnectionString $text -SecretStore $Place -PassThru @all
                try { Save-UsageProfile p -ConnectionString $text -SecretStore $Place @all } catch { $_ }
                Save-UsageProfile q -HostName 127.0.0.1 -Port 1 -Database away -Credential $credential -SecretStore $Place -PassThru @all
                Get-UsageProfile @all
                Connect-UsageStore -Profile p -PassThru -ErrorAction Continue @all
                Get-UsageStore
                Save-UsageProfile r -PassThru @all
                Remove-UsageProfile p -WhatIf
                Remove-UsageProfile p, q, r @all
                try { Save-UsageProfile p -ConnectionString $text -SecretStore SecretManagement -Vault nosuch @all } catch { $_ }
                try { Save-UsageProfile p -ConnectionString $keyText } catch { $_ }
                Save-UsageProfile s -ConnectionString $text -SecretStore File
                Set-Content $secretFile $damaged
                try { Connect-UsageStore -Profile s @all } catch { $_ }
                if (-not $IsWindows) {
                    chmod 644 $secretFile
                    try { Connect-UsageStore -Profile s @all } catch { $_ }
                }
            }
        }
        finally { $env:PGPASSFILE = $null }
        foreach ($id in 'StoreUnavailable', 'ProfileExists', 'UnsupportedSecret', 'ProfileFileFailed') { $said | Should -BeLike "*$id*" }
        $said | Should -Not -Match hunter2
    }
}
