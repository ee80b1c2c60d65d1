import { useState } from 'preact/hooks';
import type { SignedCertificate } from '../../../ledger/certificate-schema.js';
import type { RunDetail } from '../../rack-api.js';
import { type Answer, read } from '../api.js';
import { usePanel } from '../panel-context.js';
import { Answered } from './answer.js';
import { Fact } from './run-facts.js';

/** The signed certificate of a run: opened here to be read, or saved as it is. */
export function CertificateView({ run }: { readonly run: RunDetail }) {
  const { words } = usePanel();
  const { terms } = words;
  const [answer, setAnswer] = useState<Answer<SignedCertificate> | null>(null);
  const path = `/api/v1/runs/${run.run}/certificate`;
  const open = async () => {
    setAnswer({ state: 'loading' });
    setAnswer(await read<SignedCertificate>(`${path}?format=json`));
  };
  return (
    <section class="card">
      <h2>{terms.certificate}</h2>
      {run.certificate ? (
        <div class="buttons">
          <button
            type="button"
            class="button primary"
            data-action="certificate"
            onClick={() => void open()}
          >
            {terms.openCertificate}
          </button>
          <a class="button" href={`${path}?format=pdf`} download>
            {terms.pdf}
          </a>
          <a class="button" href={`${path}?format=json`} download>
            {terms.json}
          </a>
        </div>
      ) : (
        <p class="quiet">{terms.noCertificate}</p>
      )}
      {answer && <Answered answer={answer}>{(signed) => <Certificate signed={signed} />}</Answered>}
    </section>
  );
}

function Certificate({ signed }: { readonly signed: SignedCertificate }) {
  const { words, language } = usePanel();
  const { certificate, signature } = signed;
  const { sanitization, carrierChecks, device } = certificate;
  return (
    <article class="certificate" aria-label={words.terms.certificate}>
      <h3>{certificate.title[language]}</h3>
      <p class="certificate-verdict" data-verdict={certificate.verdict}>
        {words.verdicts[certificate.verdict]} – {words.lanes[certificate.lane]}
      </p>
      <dl class="facts">
        <Fact term={words.terms.model}>{device.model}</Fact>
        <Fact term={words.terms.imei}>
          {[device.imei1, device.imei2, ...device.furtherImeis].filter((one) => one).join(' / ')}
        </Fact>
        <Fact term={words.terms.serial}>{device.serial}</Fact>
        <Fact term={words.terms.method}>
          {`${sanitization.method} (${sanitization.standard}) ${sanitization.techniques
            .map((technique) => technique[language])
            .join(' / ')}`}
        </Fact>
        <Fact term={words.terms.marksTitle}>{carrierChecks[language]}</Fact>
        <Fact term={words.terms.signature}>{`${signature.algorithm} ${signature.keyId}`}</Fact>
      </dl>
      <h4>{words.terms.proved}</h4>
      <ul class="proved">
        {certificate.proved.map((item) => (
          <li key={item.id}>{item[language]}</li>
        ))}
      </ul>
      <h4>{words.terms.notProved}</h4>
      <ul class="not-proved">
        {certificate.notProved.map((item) => (
          <li key={item.id}>{item[language]}</li>
        ))}
      </ul>
      <p class="quiet">{sanitization.caveat[language]}</p>
    </article>
  );
}
