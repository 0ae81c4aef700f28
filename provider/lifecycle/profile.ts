/** What a preview says where the profile of certificates is another than before. */
export const PROFILE_IS_FOR_NEW =
  "certificates that are issued from now on have the other profile; those that exist stay as they are.";
